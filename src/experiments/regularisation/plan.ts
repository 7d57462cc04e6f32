import type { PreferenceStage } from "../../pipeline/stage.ts";
import type { Plan } from "../../results/collect.ts";
import type { Laboratory } from "../laboratory.ts";
import { offlineArms, offlineEpochs } from "../main-comparison/plan.ts";

/** What a nat of KL(π ‖ π_SFT), measured on the policy's own samples, adds to DPO's loss. */
export const klWeights = [0.1, 1, 10] as const;
/** Those that are also tried where training is long. */
export const longKlWeights = [0.1, 1] as const;

/** Offline DPO with an explicit on-policy reverse KL beside DPO without, and online DPO without. */
export function regularisationPlan(lab: Laboratory): Plan {
  const { sft } = lab;
  const withKl = (epochs: number, weight: number): PreferenceStage =>
    lab.dpo(epochs, { kl: { weight, completions: 1 } });
  const regularised = (arm: string, epochs: number, weights: readonly number[]) =>
    Object.fromEntries(weights.map((weight) => [`${arm}@KL ${weight}`, withKl(epochs, weight)]));
  const short = regularised("dpo", 1, klWeights);
  return {
    arms: {
      sft,
      ...offlineArms(lab, offlineEpochs),
      ...short,
      ...regularised("dpo-5x", 5, longKlWeights),
      "online-sft": lab.online(sft),
      "online-dpo": lab.online(lab.dpo(1)),
    },
    bestArms: { "dpo@best KL weight": Object.keys(short) },
    pairs: { offline: lab.pairs },
  };
}
