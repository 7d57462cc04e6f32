import { tf } from "../tensors/backend.ts";
import { type Batch, type CompletionGroup, collate, paddedShape } from "./batch.ts";
import { type Network, parameter } from "./decoder.ts";
import { linear } from "./layers.ts";
import { forwardBatch } from "./scoring.ts";

/** Whole completions as tensors; `inputs` has one position more than the longest completion. */
export interface RewardBatch extends Pick<Batch, "prompts" | "attention" | "inputs"> {
  /** int32 [B·K]: the index of each completion's last token in the flat [B·K·C]. */
  readonly ends: tf.Tensor1D;
}

/**
 * How a reward model reads a completion off its final hidden states, float32 [B·K·C, hidden] → [B·K, hidden]. The
 * linear head maps the result to the reward.
 */
export type RewardReadout = (hidden: tf.Tensor2D, batch: RewardBatch) => tf.Tensor2D;

/** The last token's state, as in GPTNeoXForSequenceClassification. */
export const lastToken: RewardReadout = (hidden, { ends }) => tf.gather(hidden, ends);

/** float32 [B·K, C]: 1 on the positions that hold completion tokens; for readouts that pool over them. */
export function completionPositions({ inputs, ends }: RewardBatch): tf.Tensor2D {
  const [rows, completions, length] = inputs.shape;
  const index = tf.range(0, rows * completions * length, 1, "int32").reshape([-1, length]);
  const start = tf.range(0, rows * completions * length, length, "int32").expandDims(1);
  return tf
    .logicalAnd<tf.Tensor2D>(tf.greater(index, start), tf.lessEqual(index, ends.expandDims(1)))
    .toFloat();
}

/**
 * Groups as a reward batch. `shape` is that of the completions without the extra position. A completion's end is its last
 * token that is not `skipped`, a model's `pad_token_id`, or the prompt's last token if there is none.
 */
export function rewardBatch(
  groups: readonly CompletionGroup[],
  pad: number,
  shape = paddedShape(groups),
  skipped?: number,
): RewardBatch {
  const padded = groups.map(({ prompt, completions }) => ({
    prompt,
    completions: completions.map((tokens) => [...tokens, pad]),
  }));
  const longer = { ...shape, completion: shape.completion + 1 };
  const { prompts, attention, inputs, targets, mask } = collate(padded, pad, longer);
  tf.dispose([targets, mask]);
  const ends = groups
    .flatMap(({ completions }) => completions)
    .map((tokens, row) => row * longer.completion + lengthWithout(tokens, skipped));
  return { prompts, attention, inputs, ends: tf.tensor1d(ends, "int32") };
}

/** The number of tokens up to the last that is not `skipped`. */
function lengthWithout(tokens: readonly number[], skipped: number | undefined): number {
  let { length } = tokens;
  while (length > 0 && tokens[length - 1] === skipped) length--;
  return length;
}

/**
 * Completions that `rollout` has sampled as a reward batch, on the device. A completion's last token is its first `eos`,
 * or the last position if it has none; if the model skips `eos` (`skipped`, its `pad_token_id`), the one before.
 */
export function rolloutRewardBatch(
  { prompts, attention, inputs, targets }: Pick<Batch, "prompts" | "attention" | "inputs" | "targets">,
  eos: number,
  skipped?: number,
): RewardBatch {
  const [rows, completions, length] = targets.shape;
  const first = tf.slice(inputs, [0, 0, 0], [rows, completions, 1]);
  const isEnd = tf.equal(targets, tf.scalar(eos, "int32")).toFloat();
  const alive = tf.equal(tf.cumsum(isEnd, 2, skipped !== eos), 0).toInt();
  const starts = tf.range(0, rows * completions * (length + 1), length + 1, "int32");
  return {
    prompts,
    attention,
    inputs: tf.concat([first, targets], 2),
    ends: tf.add<tf.Tensor1D>(starts, tf.sum(alive, 2).reshape([-1])).toInt(),
  };
}

/** Rewards of whole completions by a model with a scalar head, float32 [B·K]. */
export function completionRewards(
  net: Network,
  batch: RewardBatch,
  readout: RewardReadout = lastToken,
): tf.Tensor1D {
  return rewardsOfStates(net, completionStates(net, batch, readout));
}

/** What the linear head reads of each completion, float32 [B·K, hidden]. */
export function completionStates(net: Network, batch: RewardBatch, readout: RewardReadout): tf.Tensor2D {
  return readout(forwardBatch(net, batch), batch);
}

/** The linear head: states [N, hidden] to rewards [N]. */
export function rewardsOfStates(net: Network, states: tf.Tensor2D): tf.Tensor1D {
  return linear(states, parameter(net, "score.weight")).reshape([-1]);
}
