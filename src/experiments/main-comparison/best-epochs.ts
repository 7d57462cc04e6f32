import { arms, scorers } from "../../results/labels.ts";
import { arm, joinPlans, judged, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { atBestEpochs, offline, onlineFromDpo, onlineFromSft, reanchored } from "../tuned/policies.ts";

/** The four kinds of fine-tuning that are compared: each online one after the offline one that it is compared with. */
export const comparedKinds = [offline, onlineFromSft, reanchored, onlineFromDpo] as const;

/**
 * The main comparison with all arms tuned alike: each at its own learning rate and β, after every number of epochs, and at
 * the best of them by validation prompts. The reward model is judged on SFT samples, for best-of-N without fine-tuning.
 */
export function bestEpochsPlan(lab: Laboratory): Plan {
  return joinPlans([
    {
      arms: [arm(arms.sft, lab.sft)],
      scorers: [judged(scorers.global, lab.verification(lab.reward))],
      pairs: { offline: lab.pairs },
    },
    ...atBestEpochs(lab, comparedKinds),
  ]);
}
