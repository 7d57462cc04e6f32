import { arms, variant } from "../../results/labels.ts";
import { arm, joinPlans, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { atEveryEpoch } from "../tuned/epochs.ts";
import { atBestEpochs, offline, onlineFromSft, raft, rebel, rloo } from "../tuned/policies.ts";

/** Samples of each post of which the best and the worst make a pair; the other experiments have 12. */
const COMPLETIONS = [2, 4, 25] as const;
const ROUNDS = [2, 4] as const;

/**
 * What online fine-tuning gains by: more samples of each post, fresh samples of a policy that has moved, and other ways to
 * use the same reward model, beside offline and online DPO.
 */
export function gainPlan(lab: Laboratory): Plan {
  const { settings } = onlineFromSft;
  return joinPlans([
    { arms: [arm(arms.sft, lab.sft)] },
    ...atBestEpochs(lab, [offline, onlineFromSft, raft, rebel, rloo]),
    ...COMPLETIONS.map((completions) =>
      atEveryEpoch(variant(arms.onlineSft, `K = ${completions}`), (epochs) =>
        lab.online(lab.sft, { completions }, { epochs, ...settings }),
      ),
    ),
    ...ROUNDS.map((rounds) =>
      atEveryEpoch(variant(arms.onlineSft, `${rounds} rounds`), (epochs) =>
        lab.onlineRounds(lab.sft, rounds, {}, { epochs, ...settings }),
      ),
    ),
  ]);
}
