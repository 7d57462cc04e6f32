import type { Prompt, Sample, Scorer, Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import {
  type Batch,
  type CompletionGroup,
  type Credit,
  checkIds,
  collate,
  type PaddedShape,
} from "./batch.ts";
import { deviceVectors, type Network, network } from "./decoder.ts";
import type { Model } from "./gpt-neox.ts";
import { nextTokenKl } from "./next-token-kl.ts";
import {
  completionRewards,
  lastToken,
  type RewardBatch,
  type RewardReadout,
  rewardBatch,
} from "./reward-head.ts";
import { batchedInference, groupLogps, onModel, tokenLogits } from "./scoring.ts";

const readRewards = (net: Network, { readout, ...batch }: RewardBatch & { readout: RewardReadout }) =>
  completionRewards(net, batch, readout);
const compiledRewards = onModel("Reward scoring", readRewards);

/**
 * Scores by a reward model with a scalar head. `readout` must be the one that the model was trained with;
 * `compiled` as in `onModel`.
 */
export function globalScorer<P extends Prompt>(
  task: Task<P>,
  model: Model,
  readout: RewardReadout = lastToken,
  compiled?: boolean,
): Scorer<P> {
  const { pad } = task.vocabulary;
  checkIds({ "the padding token": [pad] }, model.config);
  const scoring = {
    inputs: (groups: readonly CompletionGroup[], shape: PaddedShape) => ({
      ...rewardBatch(groups, pad, shape, model.config.pad_token_id),
      readout,
    }),
    compute: readRewards,
    compiled: compiledRewards,
  };
  return (samples) => batchedInference(model, sampleGroups(task, samples), scoring, compiled);
}

/** Scores by a local reward model, β log π without a reference; with `credit` "last" that of the last token. */
export function localScorer<P extends Prompt>(
  task: Task<P>,
  model: Model,
  beta: number,
  credit: Credit = "all",
): Scorer<P> {
  return (samples) => policyLogps(task, model, samples, credit).map((logp) => beta * logp);
}

/**
 * Scores by a DPO policy's implicit reward, β log π/π_ref (Rafailov et al., arXiv 2305.18290, eq. 5). `reference` is a
 * model, or its log-probabilities of the samples that will be scored.
 */
export function dpoScorer<P extends Prompt>(
  task: Task<P>,
  policy: Model,
  reference: Model | readonly number[],
  beta: number,
): Scorer<P> {
  return (samples) => {
    const base = "config" in reference ? policyLogps(task, reference, samples) : reference;
    return policyLogps(task, policy, samples).map((logp, index) => beta * (logp - base[index]!));
  };
}

/**
 * `scorer`, but with the score `score` for completions that do not end with `eos`, as the implementation that the paper builds
 * on scores them by -1 (`penalty_reward_value`; Huang et al., arXiv 2403.17031).
 */
export function missingEndScorer<P extends Prompt>(scorer: Scorer<P>, eos: number, score = -1): Scorer<P> {
  return (samples) => {
    const scores = scorer(samples);
    return samples.map(({ completion }, index) => (completion.at(-1) === eos ? scores[index]! : score));
  };
}

/** log π of each sample's completion, summed over the tokens that `credit` counts; see `groupLogps`. */
export function policyLogps<P extends Prompt>(
  task: Task<P>,
  model: Model,
  samples: readonly Sample<P>[],
  credit: Credit = "all",
  temperature = 1,
  compiled?: boolean,
): Float32Array {
  const groups = sampleGroups(task, samples);
  return groupLogps(model, groups, task.vocabulary.pad, credit, temperature, compiled);
}

/** The policy's entropy at `temperature`, in nats per decided token, averaged over all decided tokens of `samples`. */
export function policyEntropy<P extends Prompt>(
  task: Task<P>,
  model: Model,
  samples: readonly Sample<P>[],
  temperature = 1,
): number {
  const sums = batchedInference(model, sampleGroups(task, samples), {
    inputs: collator(task),
    compute: (net, batch) => {
      const entropies = tf.mul(tokenEntropies(net, batch, temperature), batch.mask);
      return tf.stack([tf.sum(entropies), tf.sum(batch.mask)]).as1D();
    },
  });
  const total = (offset: number) =>
    sums.reduce((sum, value, index) => (index % 2 === offset ? sum + value : sum), 0);
  return total(0) / total(1);
}

/** The entropy of the next-token distribution at every completion position, in nats: float32 [B·K, C]. */
function tokenEntropies(net: Network, batch: Batch, temperature: number): tf.Tensor2D {
  const logps = tf.logSoftmax(tokenLogits(net, batch, temperature));
  return tf.neg(tf.sum(tf.mul(tf.exp(logps), logps), 1)).reshape(batch.mask.shape);
}

/**
 * KL(π ‖ π_ref) of whole completions, in nats per completion, estimated from `samples` of the policy at temperature 1:
 * the mean over samples of the sum, over decided tokens, of the KL of the two next-token distributions. Unbiased,
 * never below 0 and of no higher variance than the samples' log-ratios (Amini et al., arXiv 2504.10637).
 */
export function policyKl<P extends Prompt>(
  task: Task<P>,
  policy: Model,
  reference: Model,
  samples: readonly Sample<P>[],
): number {
  const flat = deviceVectors(reference);
  try {
    const kls = batchedInference(policy, sampleGroups(task, samples), {
      inputs: collator(task),
      compute: (net, batch) => {
        const base = tokenLogits(network(reference.config, flat, reference.head), batch);
        const { kl } = nextTokenKl(tokenLogits(net, batch), base);
        return tf.sum(tf.mul(kl.reshape(batch.mask.shape), batch.mask), 1);
      },
    });
    return kls.reduce((sum, value) => sum + value, 0) / samples.length;
  } finally {
    tf.dispose(flat);
  }
}

const collator =
  ({ vocabulary }: Pick<Task, "vocabulary">) =>
  (groups: readonly CompletionGroup[], shape: PaddedShape) =>
    collate(groups, vocabulary.pad, shape);

/** Each sample as a group of one completion. */
function sampleGroups<P extends Prompt>(task: Task<P>, samples: readonly Sample<P>[]): CompletionGroup[] {
  let previous: { prompt: P; forcedNext?: Int32Array } | undefined;
  return samples.map(({ prompt, completion }) => {
    if (prompt !== previous?.prompt) previous = { prompt, forcedNext: task.forcedNext?.(prompt) };
    return { prompt: prompt.tokens, completions: [completion], forcedNext: previous?.forcedNext };
  });
}
