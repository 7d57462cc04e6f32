import type { Prompt, Sample, Scorer, Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import { type Batch, checkGroups, collate, type Group, groupsAtOnce, type Room, roomFor } from "./batch.ts";
import { type Network, network } from "./decoder.ts";
import { compareDistributions } from "./divergence.ts";
import type { Model, NeoXConfig } from "./gpt-neox.ts";
import { linear } from "./layers.ts";
import { completionEntropy, completionLogits, completionLogps, readBatch } from "./logps.ts";

/** Which completion tokens a likelihood-based reward adds up: all that the policy decided, or the last one. */
export type Credit = "all" | "last";

/**
 * Rewards of a model with a scalar head, read off each completion's last token, float32 [B·K]. A global
 * reward model in the paper's sense: it judges finished completions only.
 */
export function scalarRewards(net: Network, groups: readonly Group[], pad: number): tf.Tensor1D {
  return batchRewards(net, rewardBatch(groups, pad));
}

/** Finished completions as tensors, with the places of their last tokens. */
export interface RewardBatch extends Pick<Batch, "prompts" | "attention" | "inputs"> {
  /** int32 [B·K]: where in [B·K·C] each completion's last token is. */
  readonly ends: tf.Tensor1D;
}

/** Groups as a batch for `batchRewards`, in `room` for the completions alone. */
export function rewardBatch(groups: readonly Group[], pad: number, room = roomFor(groups)): RewardBatch {
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
  groups: readonly Group[],
  pad: number,
  credit: Credit,
  temperature = 1,
): tf.Tensor1D {
  return batchLogps(net, creditedBatch(groups, pad, credit), temperature);
}

/** Groups as a batch whose mask is 1 on the tokens that `credit` counts. */
export function creditedBatch(groups: readonly Group[], pad: number, credit: Credit, room?: Room): Batch {
  const batch = collate(groups, pad, room);
  if (credit === "all") return batch;
  const mask = lastTokenMask(groups, batch.mask.shape);
  batch.mask.dispose();
  return { ...batch, mask };
}

/** `sequenceLogps` of what `creditedBatch` made. */
export function batchLogps(net: Network, batch: Batch, temperature = 1): tf.Tensor1D {
  return tf.sum(tf.mul(completionLogps(net, batch, temperature), batch.mask), 1);
}

function lastTokenMask(groups: readonly Group[], shape: [number, number]): tf.Tensor2D {
  const mask = new Float32Array(shape[0] * shape[1]);
  for (const [row, tokens] of groups.flatMap(({ completions }) => completions).entries()) {
    mask[row * shape[1] + tokens.length - 1] = 1;
  }
  return tf.tensor2d(mask, shape);
}

/** Scores by a reward model with a scalar head. */
export function globalScorer<P extends Prompt>(task: Task<P>, model: Model): Scorer<P> {
  return (samples) =>
    overGroups(task, model, samples, (net, groups) => scalarRewards(net, groups, task.vocabulary.pad));
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
 * `temperature`.
 */
export function policyLogps<P extends Prompt>(
  task: Task<P>,
  model: Model,
  samples: readonly Sample<P>[],
  credit: Credit = "all",
  temperature = 1,
): Float32Array {
  const { pad } = task.vocabulary;
  return overGroups(task, model, samples, (net, groups) =>
    sequenceLogps(net, groups, pad, credit, temperature),
  );
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
  const { pad } = task.vocabulary;
  const sums = overGroups(task, model, samples, (net, groups) => {
    const batch = collate(groups, pad);
    return tf
      .stack([tf.sum(tf.mul(completionEntropy(net, batch, temperature), batch.mask)), tf.sum(batch.mask)])
      .as1D();
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
  const { pad } = task.vocabulary;
  const start = tf.tensor1d(reference.weights);
  try {
    const sums = overGroups(task, policy, samples, (net, groups) => {
      const batch = collate(groups, pad);
      const base = completionLogits(network(reference.config, start, reference.head), batch);
      const { divergences } = compareDistributions(completionLogits(net, batch), base);
      return tf.sum(tf.mul(divergences.reshape(batch.mask.shape), batch.mask), 1);
    });
    return sums.reduce((sum, value) => sum + value, 0) / samples.length;
  } finally {
    start.dispose();
  }
}

/** Runs `compute` on batches of samples, consecutive ones of the same prompt together, and joins the results. */
function overGroups<P extends Prompt>(
  task: Task<P>,
  model: Model,
  samples: readonly Sample<P>[],
  compute: (net: Network, groups: Group[]) => tf.Tensor1D,
): Float32Array {
  const parts: Float32Array[] = [];
  const flat = tf.tensor1d(model.weights);
  try {
    const all = groupByPrompt(task, samples);
    checkGroups(all, model.config);
    for (const groups of batches(model.config, all)) {
      const part = tf.tidy(() => compute(network(model.config, flat, model.head), groups));
      parts.push(part.dataSync() as Float32Array);
      part.dispose();
    }
  } finally {
    flat.dispose();
  }
  return concat(parts);
}

/** Consecutive samples of one prompt become one group, so that the prompt is read once. */
export function groupByPrompt<P extends Prompt>(task: Task<P>, samples: readonly Sample<P>[]): Group[] {
  const groups: (Group & { completions: (readonly number[])[] })[] = [];
  let previous: P | undefined;
  for (const { prompt, completion } of samples) {
    if (prompt === previous) groups.at(-1)!.completions.push(completion);
    else groups.push({ prompt: prompt.tokens, completions: [completion], copies: task.copies?.(prompt) });
    previous = prompt;
  }
  return groups;
}

/** Splits groups into batches of one group size each that `groupsAtOnce` allows. */
function* batches(config: NeoXConfig, groups: readonly Group[]): Generator<Group[]> {
  const room = roomFor(groups);
  let batch: Group[] = [];
  for (const group of groups) {
    const size = group.completions.length;
    const full = batch.length === groupsAtOnce(config, room.prompt + 1, size, room.completion);
    if (full || (batch.length > 0 && batch[0]!.completions.length !== size)) {
      yield batch;
      batch = [];
    }
    batch.push(group);
  }
  if (batch.length > 0) yield batch;
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
