import {
  type Batch,
  type CompletionGroup,
  checkGroups,
  collate,
  decisions,
  type PaddedShape,
  paddedShape,
} from "../models/batch.ts";
import type { Model } from "../models/gpt-neox.ts";
import { tokenLogps } from "../models/scoring.ts";
import type { Prompt, Sample, Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import { type TrainingHooks, type TrainingOptions, train } from "./train.ts";
import type { MetricsRow, Objective } from "./trainer.ts";

/** Supervised fine-tuning's settings. */
export interface SftOptions extends TrainingOptions {
  /** The tokens in the loss: the completion's, or also the prompt's, as in the paper. */
  readonly lossOn: "completion" | "all";
}

/**
 * Supervised fine-tuning: minimises the negative log-likelihood of demonstrated completions, copied tokens
 * included, averaged over the tokens of each batch. Logs `num_tokens`, the number of tokens in the loss.
 */
export async function trainSft<P extends Prompt>(
  task: Task<P>,
  model: Model,
  demonstrations: readonly Sample<P>[],
  options: SftOptions,
  hooks?: TrainingHooks,
): Promise<{ model: Model; metrics: MetricsRow[] }> {
  const groups = demonstrations.map(({ prompt, completion }): CompletionGroup => {
    if (options.lossOn === "completion") return { prompt: prompt.tokens, completions: [completion] };
    return { prompt: prompt.tokens.slice(0, 1), completions: [[...prompt.tokens.slice(1), ...completion]] };
  });
  checkGroups(groups, model.config);
  const shape = hooks?.trainer?.shapeFor?.(groups) ?? paddedShape(groups);
  return train(model, groups, sftObjective(task.vocabulary.pad, shape), options, hooks);
}

/** The negative log-likelihood of groups of one completion each. */
export function sftObjective(pad: number, shape: PaddedShape): Objective<CompletionGroup, Batch> {
  return {
    identity: "sft",
    shape: { ...shape, completions: 1 },
    batch: (groups) => collate(groups, pad, shape),
    terms: (groups) => groups.reduce((sum, group) => sum + countedTokens(group), 0),
    combine: { num_tokens: "sum" },
    loss: (net, batch) => ({
      loss: sftLoss(tokenLogps(net, batch), batch.mask),
      metrics: { num_tokens: tf.sum(batch.mask) },
    }),
  };
}

/** The tokens of a group that the loss counts. */
const countedTokens = ({ completions, forcedNext }: CompletionGroup): number =>
  completions.reduce((sum, one) => sum + decisions(one, forcedNext).filter(Boolean).length, 0);

/** Mean negative log-likelihood of the tokens where `mask` is 1. `logps` and `mask` float32 [N, C] → scalar. */
export function sftLoss(logps: tf.Tensor2D, mask: tf.Tensor2D): tf.Scalar {
  return tf.neg(tf.div(tf.sum(tf.mul(logps, mask)), tf.sum(mask)));
}
