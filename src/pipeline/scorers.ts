import type { Model } from "../models/gpt-neox.ts";
import { policyLogps } from "../models/scorers.ts";
import { goldScorer, type Scorer, type Task } from "../tasks/task.ts";
import { isStage, type PolicyStage, type RewardModelStage } from "./stage.ts";

/** Scorers that need no training, by name. */
export const builtInScorers = {
  /** The task's gold reward. */
  gold: (task: Task): Scorer => goldScorer(task),
  /** The log-likelihood under the policy whose samples they are. */
  likelihood:
    (task: Task, sampler: Model): Scorer =>
    (samples) =>
      policyLogps(task, sampler, samples),
};

/**
 * What ranks completions: a reward model; a fine-tuned policy's implicit reward (a local reward model's if it was
 * trained without a reference); or a built-in scorer.
 */
export type ScorerSpec = ModelScorerStage | keyof typeof builtInScorers;

/** A stage whose trained model makes a scorer. */
export type ModelScorerStage = (PolicyStage & { readonly policy: PolicyStage }) | RewardModelStage;

/** Whether a scorer is a trained model. */
export function isModelStage(scorer: ScorerSpec): scorer is ModelScorerStage {
  return isStage(scorer);
}
