import { isUserCode, loadUserCode } from "../files/user-code.ts";
import { quantisedDelta } from "../models/quantised-delta.ts";
import type { Scorer, Task } from "../tasks/task.ts";
import type { TrainingHooks } from "../training/train.ts";
import { kindOf } from "./kind-of.ts";
import { builtInScorers, isModelStage, type ScorerSpec } from "./scorers.ts";
import { type ScoredStage, scorerLogpsOf } from "./shared-stages.ts";
import type { Output, Stage, Trained } from "./stage.ts";
import { type StageHooks, type StageInputs, taskAndData } from "./stage-inputs.ts";

/**
 * The result of a stage. `read` gives the stored results of its inputs; `training` is called once by stages that train,
 * for the hooks of the training loop.
 */
export async function computeStage<O extends Output>(
  stage: Stage<O>,
  read: StageInputs["read"],
  training: () => TrainingHooks,
  hooks: StageHooks,
): Promise<O["result"]> {
  const { task, data } = taskAndData(stage.setting);
  const scorer: StageInputs["scorer"] = (spec, of, bits) => openScorer(read, task, spec, of, bits);
  return kindOf(stage).run(stage, { task, data, hooks, read, scorer, training });
}

/**
 * Opens a scorer of the completions of `of`, in their order. With `bits`, what training changed in the scorer's model is
 * rounded to this many bits per number. Throws if a stage's kind makes no scorer.
 */
function openScorer(
  read: StageInputs["read"],
  task: Task,
  spec: ScorerSpec,
  of: ScoredStage,
  bits?: number,
): Scorer {
  const shared = scorerLogpsOf(spec, of);
  const logps = () => (shared === undefined ? [] : read(shared).logps);
  if (isUserCode(spec)) return loadUserCode(spec)(task, read(of.policy).model);
  if (!isModelStage(spec)) return builtInScorers[spec](task, logps);
  const { scorer } = kindOf(spec);
  if (scorer === undefined) throw new Error(`A stage of kind ${spec.kind} makes no scorer.`);
  const trained = read<Trained>(spec).model;
  if (bits === undefined) return scorer(spec, task, trained, logps);
  if (spec.policy === undefined)
    throw new Error(
      `A stage of kind ${spec.kind} is not trained here: no change of its weights can be rounded.`,
    );
  const model = quantisedDelta(trained, read(spec.policy).model, bits);
  return scorer(spec, task, model, logps);
}
