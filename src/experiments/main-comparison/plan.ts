import type { Plan } from "../../results/collect.ts";
import type { Laboratory } from "../laboratory.ts";

/** The registered offline arms' epochs: `dpo-best` is, per seed, the one that did best on the validation prompts. */
export const offlineEpochs = { dpo: 1, "dpo-2x": 2, "dpo-5x": 5 } as const;
/** Offline arms beyond the registered ones: they are shown and decide nothing. */
export const exploratoryEpochs = { "dpo-10x": 10 } as const;

/** Offline DPO on the usual pairs by arm, each for its number of epochs. */
export function offlineArms(lab: Laboratory, epochs: Readonly<Record<string, number>>): Plan["arms"] {
  return Object.fromEntries(Object.entries(epochs).map(([arm, number]) => [arm, lab.dpo(number)]));
}

/** The paper's main comparison: SFT; offline DPO for several epochs; online DPO from SFT and from DPO. */
export function mainComparisonPlan(lab: Laboratory): Plan {
  const { sft } = lab;
  const offline = offlineArms(lab, { ...offlineEpochs, ...exploratoryEpochs });
  const dpo = lab.dpo(1);
  return {
    arms: { sft, ...offline, "online-sft": lab.online(sft), "online-dpo": lab.online(dpo) },
    bestArms: { "dpo-best": Object.keys(offlineEpochs) },
    scorers: { global: lab.verification(lab.reward), dpo: lab.verification(dpo) },
    pairs: { offline: lab.pairs },
  };
}
