import type { Prompt, Sample, Scorer, Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import { type Batch, type CompletionGroup, collate, type PaddedShape, paddedShape } from "./batch.ts";
import { type Network, network } from "./decoder.ts";
import type { Model } from "./gpt-neox.ts";
import { onNetwork } from "./inference.ts";
import { linear } from "./layers.ts";
import { completionEntropy, completionLogits, completionLogps, readBatch } from "./logps.ts";
import { compareDistributions } from "./next-token-kl.ts";
import { overGroups } from "./over-groups.ts";

/** Which completion tokens a likelihood-based reward adds up: all that the policy decided, or the last one. */
export type Credit = "all" | "last";

/**
 * Rewards of a model with a scalar head, read off each completion's last token, float32 [B·K]. A global
 * reward model in the paper's sense: it judges finished completions only.
 */
export function scalarRewards(net: Network, groups: readonly CompletionGroup[], pad: number): tf.Tensor1D {
  return batchRewards(net, rewardBatch(groups, pad));
}

/** Finished completions as tensors, with the places of their last tokens. */
export interface RewardBatch extends Pick<Batch, "prompts" | "attention" | "inputs"> {
  /** int32 [B·K]: where in [B·K·C] each completion's last token is. */
  readonly ends: tf.Tensor1D;
}

/** Groups as a batch for `batchRewards`, in `room` for the completions alone. */
export function rewardBatch(
  groups: readonly CompletionGroup[],
  pad: number,
  room = paddedShape(groups),
): RewardBatch {
  const withLast = groups.map(({ prompt, completions }) => ({
    prompt,
    completions: completions.map((tokens) => [...tokens, pad]),
  }));
  const longer = { ...room, completion: room.completion + 1 };
  const { prompts, attention, inputs, targets, mask } = collate(withLast, pad, longer);
  tf.dispose([targets, mask]);
  const [, completions, length] = inputs.shape;
  const ends = groups.flatMap((group, row) =>
    group.completions.map((tokens, index) => (row * completions + index) * length + tokens.length),
  );
  return { prompts, attention, inputs, ends: tf.tensor1d(ends, "int32") };
}

/** `scalarRewards` of what `rewardBatch` made. */
export function batchRewards(net: Network, { ends, ...batch }: RewardBatch): tf.Tensor1D {
  const last: tf.Tensor2D = tf.gather(readBatch(net, batch), ends);
  return linear(last, net.parameters["score.weight"]!).reshape([ends.size]);
}

/** log π of whole completions over the tokens that the policy decided, or of their last token: [B·K]. */
export function sequenceLogps(
  net: Network,
  groups: readonly CompletionGroup[],
  pad: number,
  credit: Credit,
): tf.Tensor1D {
  return batchLogps(net, creditedBatch(groups, pad, credit));
}

/** Groups as a batch whose mask is 1 on the tokens that `credit` counts. */
export function creditedBatch(
  groups: readonly CompletionGroup[],
  pad: number,
  credit: Credit,
  room?: PaddedShape,
): Batch {
  const batch = collate(groups, pad, room);
  if (credit === "all") return batch;
  const mask = lastTokenMask(groups, batch.mask.shape);
  batch.mask.dispose();
  return { ...batch, mask };
}

/** `sequenceLogps` of what `creditedBatch` made. */
export function batchLogps(net: Network, batch: Batch, temperature: number | tf.Scalar = 1): tf.Tensor1D {
  return tf.sum(tf.mul(completionLogps(net, batch, temperature), batch.mask), 1);
}

function lastTokenMask(groups: readonly CompletionGroup[], shape: [number, number]): tf.Tensor2D {
  const mask = new Float32Array(shape[0] * shape[1]);
  for (const [row, tokens] of groups.flatMap(({ completions }) => completions).entries()) {
    mask[row * shape[1] + tokens.length - 1] = 1;
  }
  return tf.tensor2d(mask, shape);
}

const compiledRewards = onNetwork("Reward scoring", batchRewards);
const compiledLogps = onNetwork("Likelihood scoring", temperedLogps);

/** `batchLogps` at a temperature that is a tensor, so that one compiled function serves all. */
function temperedLogps(
  net: Network,
  { temperature, ...batch }: Batch & { temperature: tf.Scalar },
): tf.Tensor1D {
  return batchLogps(net, batch, temperature);
}

/** Scores by a reward model with a scalar head; `compiled` as in sampling. */
export function globalScorer<P extends Prompt>(task: Task<P>, model: Model, compiled?: boolean): Scorer<P> {
  const reading = {
    inputs: (groups: readonly CompletionGroup[], room: PaddedShape) =>
      rewardBatch(groups, task.vocabulary.pad, room),
    compute: batchRewards,
    compiled: compiledRewards,
  };
  return (samples) => overGroups(task, model, samples, reading, compiled);
}

/** Scores by a local reward model, β log π with no reference (`credit` "last": the last token's alone). */
export function localScorer<P extends Prompt>(
  task: Task<P>,
  model: Model,
  beta: number,
  credit: Credit = "all",
): Scorer<P> {
  return (samples) => policyLogps(task, model, samples, credit).map((logp) => beta * logp);
}

/** Scores by a DPO policy's implicit reward, β log π/π_ref (Rafailov et al., arXiv 2305.18290, eq. 5). */
export function dpoScorer<P extends Prompt>(
  task: Task<P>,
  policy: Model,
  reference: Model,
  beta: number,
): Scorer<P> {
  return (samples) => {
    const base = policyLogps(task, reference, samples);
    return policyLogps(task, policy, samples).map((logp, index) => beta * (logp - base[index]!));
  };
}

/**
 * log π of each sample's completion, summed over the tokens that the policy decided, with its logits divided by
 * `temperature`; `compiled` as in sampling.
 */
export function policyLogps<P extends Prompt>(
  task: Task<P>,
  model: Model,
  samples: readonly Sample<P>[],
  credit: Credit = "all",
  temperature = 1,
  compiled?: boolean,
): Float32Array {
  const inputs = (groups: readonly CompletionGroup[], room: PaddedShape) => ({
    ...creditedBatch(groups, task.vocabulary.pad, credit, room),
    temperature: tf.scalar(temperature),
  });
  const reading = { inputs, compute: temperedLogps, compiled: compiledLogps };
  return overGroups(task, model, samples, reading, compiled);
}

/**
 * The entropy of the policy with its logits divided by `temperature`, in nats per decided token, averaged over all
 * decisions in `samples`.
 */
export function policyEntropy<P extends Prompt>(
  task: Task<P>,
  model: Model,
  samples: readonly Sample<P>[],
  temperature = 1,
): number {
  const sums = overGroups(task, model, samples, {
    inputs: collator(task),
    compute: (net, batch) => {
      const entropies = tf.mul(completionEntropy(net, batch, temperature), batch.mask);
      return tf.stack([tf.sum(entropies), tf.sum(batch.mask)]).as1D();
    },
  });
  const total = (offset: number) =>
    sums.reduce((sum, value, index) => (index % 2 === offset ? sum + value : sum), 0);
  return total(0) / total(1);
}

/**
 * KL(π ‖ π_ref) of whole completions, in nats per completion, estimated from `samples` of the policy at temperature 1:
 * the mean over them of the sum over decided tokens of the divergence of the two next-token distributions. Unbiased,
 * never below 0 and of no higher variance than the samples' log-ratios (Amini et al., arXiv 2504.10637).
 */
export function policyDivergence<P extends Prompt>(
  task: Task<P>,
  policy: Model,
  reference: Model,
  samples: readonly Sample<P>[],
): number {
  const start = tf.tensor1d(reference.weights);
  try {
    const sums = overGroups(task, policy, samples, {
      inputs: collator(task),
      compute: (net, batch) => {
        const base = completionLogits(network(reference.config, start, reference.head), batch);
        const { divergences } = compareDistributions(completionLogits(net, batch), base);
        return tf.sum(tf.mul(divergences.reshape(batch.mask.shape), batch.mask), 1);
      },
    });
    return sums.reduce((sum, value) => sum + value, 0) / samples.length;
  } finally {
    start.dispose();
  }
}

const collator =
  ({ vocabulary }: Pick<Task, "vocabulary">) =>
  (groups: readonly CompletionGroup[], room: PaddedShape) =>
    collate(groups, vocabulary.pad, room);
