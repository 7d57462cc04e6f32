import type { OnlinePairsStage } from "../../src/pipeline/online-pairs.ts";
import type { PreferenceStage } from "../../src/pipeline/preference.ts";
import type { RewardStage } from "../../src/pipeline/reward-model.ts";
import type { VerificationStage } from "../../src/pipeline/verification.ts";
import type { Plan } from "../../src/results/plan.ts";

/* Parts of plans by their registered ids. */

/** The policy of an arm. Throws if the plan has no such arm. */
export function policyIn({ arms }: Plan, id: string): PreferenceStage {
  const found = arms.find(({ label }) => label.id === id);
  if (found === undefined) throw new Error(`The plan has no arm "${id}".`);
  return found.policy as PreferenceStage;
}

/** The verification of a scorer. Throws if the plan has no such scorer. */
export function verificationIn({ scorers = [] }: Plan, id: string): VerificationStage {
  const found = scorers.find(({ label }) => label.id === id);
  if (found === undefined) throw new Error(`The plan has no scorer "${id}".`);
  return found.stage;
}

/** The trained model of a scorer. */
export const scorerIn = (plan: Plan, id: string) =>
  verificationIn(plan, id).scorer as RewardStage | PreferenceStage;

/** The online pairs of an arm. */
export const onlinePairsIn = (plan: Plan, id: string) => policyIn(plan, id).pairs as OnlinePairsStage;

/** The ids of a plan's arms, or of its best ones and their candidates. */
export const armIds = ({ arms }: Plan) => arms.map(({ label }) => label.id);
export const scorerIds = ({ scorers = [] }: Plan) => scorers.map(({ label }) => label.id);
export const candidateIds = (sets: Plan["bestArms"] = []) =>
  Object.fromEntries(sets.map(({ label, candidates }) => [label.id, candidates.map(({ id }) => id)]));
