import { arms, scorers } from "../../results/labels.ts";
import { arm, judged, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";

/** The registered offline arms by their epochs. DPO (best epoch) is one of them. */
export const offlineArms = [
  { label: arms.dpo, epochs: 1 },
  { label: arms.dpo2x, epochs: 2 },
  { label: arms.dpo5x, epochs: 5 },
] as const;

/** The paper's main comparison: SFT, offline DPO, and online DPO from SFT and from DPO. DPO (10x) is exploratory. */
export function mainComparisonPlan(lab: Laboratory): Plan {
  const dpo = lab.dpo(1);
  return {
    arms: [
      arm(arms.sft, lab.sft),
      ...offlineArms.map(({ label, epochs }) => arm(label, lab.dpo(epochs))),
      arm(arms.dpo10x, lab.dpo(10)),
      arm(arms.onlineSft, lab.online(lab.sft)),
      arm(arms.onlineDpo, lab.online(dpo)),
    ],
    bestArms: [{ label: arms.dpoBest, candidates: offlineArms.map(({ label }) => label) }],
    scorers: [
      judged(scorers.global, lab.verification(lab.reward)),
      judged(scorers.dpo, lab.verification(dpo)),
    ],
    pairs: { offline: lab.pairs },
  };
}
