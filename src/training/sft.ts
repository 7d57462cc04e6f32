import { type Batch, type CompletionGroup, checkGroups, collate, paddedShape } from "../models/batch.ts";
import type { Model } from "../models/gpt-neox.ts";
import { completionLogps } from "../models/logps.ts";
import type { Prompt, Sample, Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import { sftLoss } from "./losses.ts";
import type { Objective } from "./step.ts";
import { type MetricsRow, type TrainingHooks, type TrainingOptions, train } from "./train.ts";

/** Supervised fine-tuning's settings. */
export interface SftOptions extends TrainingOptions {
  /** Whether the loss reads the completion alone or the prompt too, as the paper's own SFT does. */
  readonly lossOn: "completion" | "all";
}

/**
 * Supervised fine-tuning: minimises the negative log-likelihood of demonstrated completions, copied tokens
 * included, averaged over the tokens of each batch, whose number is logged as `num_tokens`.
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
  return train(model, groups.length, sftObjective(groups, task.vocabulary.pad), options, hooks);
}

/** The negative log-likelihood of each group's one completion. */
export function sftObjective(groups: readonly CompletionGroup[], pad: number): Objective<Batch> {
  const room = paddedShape(groups);
  return {
    batch: (examples) =>
      collate(
        examples.map((index) => groups[index]!),
        pad,
        room,
      ),
    loss: (net, batch) => ({
      loss: sftLoss(completionLogps(net, batch), batch.mask),
      metrics: { num_tokens: tf.sum(batch.mask) },
    }),
  };
}
