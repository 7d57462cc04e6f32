import { isUserCode, type UserCode } from "../files/user-code.ts";
import type { Model } from "../models/gpt-neox.ts";
import { goldScorer, type Scorer, type Task } from "../tasks/task.ts";
import { isStage, type PolicyStage, type RewardModelStage } from "./stage.ts";

/** Makes a scorer for a task; `sampler` is the policy whose samples are scored. */
export type ScorerMaker = (task: Task, sampler: Model) => Scorer;

/** Makes a scorer that needs no training; `logps` gives the completions' log-probabilities under their sampler. */
type BuiltInScorerMaker = (task: Task, logps: () => readonly number[]) => Scorer;

/** Scorers that need no training, by name. */
export const builtInScorers = {
  /** The task's gold reward. */
  gold: (task) => goldScorer(task),
  /** The log-likelihood under the policy whose samples they are. */
  likelihood: (_, logps) => () => [...logps()],
} as const satisfies Record<string, BuiltInScorerMaker>;

/**
 * What ranks completions: a reward model, trained or published; a fine-tuned policy's implicit reward (a local reward
 * model's if it was trained without a reference); a built-in scorer; or a user's own.
 */
export type ScorerSpec = ModelScorerStage | keyof typeof builtInScorers | UserCode<ScorerMaker>;

/** A stage whose model makes a scorer. `policy` is the one that its training began with, if it was trained here. */
export type ModelScorerStage = (PolicyStage & { readonly policy: PolicyStage }) | RewardModelStage;

/** Whether a scorer is a trained model. */
export function isModelStage(scorer: ScorerSpec): scorer is ModelScorerStage {
  return isStage(scorer) && !isUserCode(scorer);
}
