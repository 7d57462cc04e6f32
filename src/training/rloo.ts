import type { Batch } from "../models/batch.ts";
import { paddedShape } from "../models/batch.ts";
import { deviceVariables, type Network, network } from "../models/decoder.ts";
import type { GenerationInputs } from "../models/generation.ts";
import type { Model } from "../models/gpt-neox.ts";
import {
  completionRewards,
  lastToken,
  type RewardReadout,
  rolloutRewardBatch,
} from "../models/reward-head.ts";
import { rollout } from "../models/rollout.ts";
import { checkPrompt, generationInputs, samplingIds } from "../models/sampling.ts";
import { sequenceLogps } from "../models/scoring.ts";
import type { Prompt, Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import { randomStream } from "../tensors/random.ts";
import { outOfRange, type TrainingHooks, type TrainingOptions, train } from "./train.ts";
import type { MetricsRow, Objective } from "./trainer.ts";

/** The settings of RLOO. An example is a prompt, so `batchSize` is the number of prompts of a step. */
export interface RlooOptions extends TrainingOptions {
  /** Samples of the current policy per prompt and step, K, at least 2. */
  readonly completions: number;
  /** Multiplies the log-ratio to the reference, which is subtracted from the reward: how strongly the policy is held to it. */
  readonly beta: number;
}

/** A reward that is computed on the device, within the training step. */
export interface RolloutReward {
  /** The rewards of sampled completions, float32 [B·K]. Compiled: all that differs between steps must come from the samples. */
  rewards(samples: Batch): tf.Tensor1D;
  /** What the rewards depend on, by which a checkpoint tells one reward from another. */
  toJSON(): unknown;
}

/**
 * A reward model with a scalar head as a `RolloutReward`. Holds the model's weights on the device until disposed.
 * `readout` must be the one that the model was trained with.
 */
export function rewardModelReward(
  { vocabulary }: Pick<Task, "vocabulary">,
  model: Model,
  readout: RewardReadout = lastToken,
): RolloutReward & { dispose(): void } {
  const weights = deviceVariables(model);
  return {
    rewards: (samples) => {
      const net = network(model.config, weights, model.head);
      const batch = rolloutRewardBatch(samples, vocabulary.eos, model.config.pad_token_id);
      return completionRewards(net, batch, readout);
    },
    toJSON: () => ({ rewardModel: model, readout }),
    dispose: () => tf.dispose(weights),
  };
}

/** What the loss on samples is computed from besides their log-probabilities, float32 [B·K] each. */
export interface RolloutScores {
  readonly rewards: tf.Tensor1D;
  /** log π_ref of the completions. */
  readonly referenceLogps: tf.Tensor1D;
}

/**
 * RLOO's loss on K samples y_1 … y_K of each of B prompts (Ahmadian et al., arXiv 2402.14740), as in TRL's
 * RLOOTrainer:
 *
 *     -mean_i A_i log π(y_i),  A_i = R_i - (Σ_{j≠i} R_j) / (K - 1),  R_i = r(y_i) - β log π(y_i) / π_ref(y_i).
 *
 * Advantages A_i have no gradient, and the baseline of a sample does not depend on it: the gradient is an unbiased estimate
 * of that of -E[r] + β KL(π ‖ π_ref). `logps` float32 [B·K], the current policy's log-probabilities of its own samples.
 */
export function rlooLoss(
  logps: tf.Tensor1D,
  scores: RolloutScores,
  { completions, beta }: Pick<RlooOptions, "completions" | "beta">,
): tf.Scalar {
  const op = tf.customGrad((input, save) => {
    const held = rlhfRewards(input as tf.Tensor1D, scores, beta).reshape([-1, completions]);
    const others = tf.div(tf.sub(tf.sum(held, 1, true), held), completions - 1);
    const advantages = tf.sub(held, others).reshape([-1]);
    (save as tf.GradSaveFunc)([advantages]);
    return {
      value: tf.neg(tf.mean(tf.mul(advantages, input as tf.Tensor))),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(tf.div(saved!, -logps.size), dy),
    };
  });
  return op(logps) as tf.Scalar;
}

/** r(y) - β log π(y) / π_ref(y), float32 [B·K]. */
function rlhfRewards(
  logps: tf.Tensor1D,
  { rewards, referenceLogps }: RolloutScores,
  beta: number,
): tf.Tensor1D {
  return tf.sub(rewards, tf.mul(tf.sub(logps, referenceLogps), beta));
}

/** A prompt as it is trained on. */
interface RlooPrompt {
  readonly prompt: readonly number[];
  readonly forcedNext?: Int32Array;
}

/** What the samples of a step are drawn from. */
interface RlooBatch {
  readonly draw: GenerationInputs;
}

/** Samples of the current policy, and their scores. */
interface ScoredRollout extends RolloutScores {
  readonly samples: Batch;
}

/**
 * Trains a policy by policy gradient on its own samples, with RLOO's baseline: each step samples K completions of each of
 * the next prompts at temperature 1, scores them, and updates once. The reference is the policy at the start. Logs, per
 * completion and under the names of TRL's first RLOOTrainer: `objective/scores`, the reward;
 * `objective/kl`, the samples' log-ratio to the reference; `objective/rlhf_reward`, the reward less β times that; and
 * `objective/entropy`, minus the samples' log-probability. Copied tokens do not count. Throws as `train` does, if an
 * option is out of range, or if a prompt leaves no space for a completion.
 */
export async function trainRloo<P extends Prompt>(
  task: Pick<Task<P>, "vocabulary" | "completionLength" | "forcedNext">,
  policy: Model,
  prompts: readonly P[],
  reward: RolloutReward,
  options: RlooOptions,
  hooks?: TrainingHooks,
): Promise<{ model: Model; metrics: MetricsRow[] }> {
  checkRlooOptions(options);
  for (const [row, { tokens }] of prompts.entries()) checkPrompt(policy, tokens, row, task.completionLength);
  const examples = prompts.map(
    (prompt): RlooPrompt => ({
      prompt: prompt.tokens,
      forcedNext: task.forcedNext?.(prompt),
    }),
  );
  const start = deviceVariables(policy);
  try {
    const reference = () => network(policy.config, start, policy.head);
    const objective = rlooObjective(task, policy, examples, reference, reward, options);
    const identified = { ...options, rloo: { reward, start: policy } };
    return await train(policy, examples, objective, identified, hooks);
  } finally {
    tf.dispose(start);
  }
}

/** The loss of RLOO on samples that each step draws for its prompts. `reference` gives the reference on the device. */
export function rlooObjective(
  { vocabulary, completionLength: maxTokens }: Pick<Task, "vocabulary" | "completionLength">,
  policy: Model,
  prompts: readonly RlooPrompt[],
  reference: () => Network,
  reward: RolloutReward,
  options: Pick<RlooOptions, "completions" | "beta" | "seed">,
): Objective<RlooPrompt, RlooBatch, ScoredRollout> {
  const { completions, beta, seed } = options;
  const shape = paddedShape(prompts.map(({ prompt }) => ({ prompt, completions: [] })));
  const sampling = { ...samplingIds(vocabulary), completions, temperature: 1, maxTokens };
  return {
    identity: { rloo: { completions, beta, maxTokens, reward, start: policy } },
    holdsTensors: true,
    batch: (examples, step, part = 0) => {
      const stream = randomStream(seed, "rloo", step, ...(part > 0 ? [part] : []));
      const requests = examples.map((example) => ({ ...example, stream }));
      return { draw: generationInputs(policy, requests, requests.length, shape, sampling) };
    },
    prepare: (net, { draw }) => {
      const samples = rollout(net, draw);
      return {
        samples,
        rewards: reward.rewards(samples),
        referenceLogps: sequenceLogps(reference(), samples),
      };
    },
    loss: (net, { samples, ...scores }) => {
      const logps = sequenceLogps(net, samples);
      return {
        loss: rlooLoss(logps, scores, { completions, beta }),
        metrics: {
          "objective/scores": tf.mean(scores.rewards),
          "objective/kl": tf.mean(tf.sub(logps, scores.referenceLogps)),
          "objective/rlhf_reward": tf.mean(rlhfRewards(logps, scores, beta)),
          "objective/entropy": tf.neg(tf.mean(logps)),
        },
      };
    },
  };
}

function checkRlooOptions({ completions, beta }: RlooOptions): void {
  if (!Number.isInteger(completions) || completions < 2)
    throw outOfRange("completions", "a whole number above 1", completions);
  if (!(Number.isFinite(beta) && beta >= 0)) throw outOfRange("beta", "0 or more", beta);
}
