import { arms, type Label, variant } from "../../results/labels.ts";
import { arm, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";

/** Weights of the KL in DPO's loss, for one epoch. */
export const klWeights = [0.1, 1, 10] as const;
/** Weights for five epochs. */
export const longKlWeights = [0.1, 1] as const;

/** An offline arm with a KL of this weight in its loss. */
export const withKl = (offline: Label, weight: number): Label => variant(offline, `KL ${weight}`);

/** One epoch of offline DPO at the weight with the highest validation win rate. */
export const bestKlWeight = variant(arms.dpo, "best KL weight");

/** Offline DPO with and without an explicit reverse KL on the policy's own samples, beside online DPO. */
export function regularisationPlan(lab: Laboratory): Plan {
  const kl = (weight: number) => ({ kl: { weight, completions: 1 } });
  return {
    arms: [
      arm(arms.sft, lab.sft),
      arm(arms.dpo, lab.dpo(1)),
      arm(arms.dpo2x, lab.dpo(2)),
      arm(arms.dpo5x, lab.dpo(5)),
      ...klWeights.map((weight) => arm(withKl(arms.dpo, weight), lab.dpo(1, kl(weight)))),
      ...longKlWeights.map((weight) => arm(withKl(arms.dpo5x, weight), lab.dpo(5, kl(weight)))),
      arm(arms.onlineSft, lab.online(lab.sft)),
      arm(arms.onlineDpo, lab.online(lab.dpo(1))),
    ],
    bestArms: [
      {
        label: bestKlWeight,
        candidates: klWeights.map((weight) => withKl(arms.dpo, weight)),
      },
    ],
    pairs: { offline: lab.pairs },
  };
}
