import {
  type CompletionGroup,
  checkGroups,
  chosenAndRejected,
  type PaddedShape,
  paddedShape,
  pairGroups,
} from "../models/batch.ts";
import { type Model, vectorsOf } from "../models/gpt-neox.ts";
import { rewardModelFrom } from "../models/initialization.ts";
import { copyOf, fillVectors, unflatten } from "../models/named-weights.ts";
import {
  completionStates,
  lastToken,
  type RewardBatch,
  type RewardReadout,
  rewardBatch,
  rewardsOfStates,
} from "../models/reward-head.ts";
import type { PreferencePair, Prompt, Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import { randomStream } from "../tensors/random.ts";
import { bradleyTerryLoss } from "./losses.ts";
import { outOfRange, type TrainingHooks, type TrainingOptions, train } from "./train.ts";
import type { MetricsRow, Objective } from "./trainer.ts";

/** Reward modelling's settings. */
export interface RewardModelOptions extends TrainingOptions {
  /** How the reward is read off the hidden states; default `lastToken`. */
  readonly readout?: RewardReadout;
  /**
   * "head" trains the scalar head only, a linear probe of the policy's hidden states, whose other weights stay as they
   * are; default "all".
   */
  readonly trainable?: "all" | "head";
  /**
   * The reward is β times the linear head's output, as a local reward model's is β log π; default 1. With an optimiser that
   * scales gradients, as AdamW does, it sets how fast the head learns beside the other weights. The trained model's head
   * includes it.
   */
  readonly beta?: number;
}

/**
 * Trains a global reward model, by maximum likelihood under Bradley and Terry's model of preference, from a
 * policy's weights and a fresh scalar head. Logs `accuracy`, `margin`, `min_reward`, `mean_reward` and
 * `max_reward`, as TRL's reward trainer does. Throws as `train` does, and for a head that is trained with weight decay,
 * which would change the other weights.
 */
export async function trainRewardModel<P extends Prompt>(
  task: Task<P>,
  policy: Model,
  pairs: readonly PreferencePair<P>[],
  options: RewardModelOptions,
  hooks?: TrainingHooks,
): Promise<{ model: Model; metrics: MetricsRow[] }> {
  checkRewardOptions(options);
  const groups = pairGroups(task, pairs);
  checkGroups(groups, policy.config);
  const model = rewardModelFrom(policy, randomStream(options.seed, "reward", "head"));
  const shape = hooks?.trainer?.shapeFor?.(groups) ?? paddedShape(groups);
  const objective = rewardObjective(task.vocabulary.pad, shape, options);
  const { model: trained, metrics } = await train(model, groups, objective, options, hooks);
  return { model: withScaledHead(trained, options.beta), metrics };
}

/** The reward model whose rewards are `beta` times as large. */
function withScaledHead(model: Model, beta = 1): Model {
  if (beta === 1) return model;
  const tensors = unflatten(model.config, vectorsOf(model), "reward");
  const head = tensors["score.weight"]?.map((weight) => beta * weight);
  if (head === undefined) throw new Error("A reward model must have the tensor score.weight.");
  const fill = copyOf({ ...tensors, "score.weight": head });
  return { ...model, ...fillVectors(model.config, "reward", fill) };
}

/** Final hidden states of the completions, as the readout gives them, float32 [2B, hidden]. */
interface RewardStates {
  readonly states?: tf.Tensor2D;
}

/**
 * The Bradley-Terry loss of pairs padded to `shape`, chosen and rejected in turn. If only the head is trained, the hidden
 * states are computed without a gradient, and the loss has none in the other weights.
 */
export function rewardObjective(
  pad: number,
  shape: PaddedShape,
  { readout = lastToken, trainable = "all", beta = 1 }: Omit<RewardModelOptions, keyof TrainingOptions>,
): Objective<CompletionGroup, RewardBatch, RewardStates> {
  const isProbe = trainable === "head";
  return {
    identity: { bradleyTerry: readout, ...(isProbe && { trainable }), ...(beta !== 1 && { beta }) },
    shape: { ...shape, completions: 2 },
    batch: (groups) => rewardBatch(groups, pad, shape),
    combine: { min_reward: "min", max_reward: "max" },
    ...(isProbe && { prepare: (net, batch) => ({ states: completionStates(net, batch, readout) }) }),
    loss: (net, { states, ...batch }) => {
      const outputs = rewardsOfStates(net, states ?? completionStates(net, batch, readout));
      const rewards = beta === 1 ? outputs : tf.mul<tf.Tensor1D>(outputs, beta);
      const { chosen, rejected } = chosenAndRejected(rewards);
      return {
        loss: bradleyTerryLoss(chosen, rejected),
        metrics: {
          accuracy: tf.mean(tf.greater(chosen, rejected).toFloat()),
          margin: tf.mean(tf.sub(chosen, rejected)),
          min_reward: tf.min(rewards),
          mean_reward: tf.mean(rewards),
          max_reward: tf.max(rewards),
        },
      };
    },
  };
}

function checkRewardOptions({ trainable = "all", weightDecay = 0, beta = 1 }: RewardModelOptions): void {
  if (!(Number.isFinite(beta) && beta > 0)) throw outOfRange("beta", "a number above 0", beta);
  if (trainable !== "all" && trainable !== "head") throw outOfRange("trainable", "all or head", trainable);
  if (trainable === "head" && weightDecay !== 0)
    throw outOfRange('weightDecay with trainable "head"', "0", weightDecay);
}
