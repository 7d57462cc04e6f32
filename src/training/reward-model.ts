import {
  type CompletionGroup,
  checkGroups,
  chosenAndRejected,
  type PaddedShape,
  paddedShape,
  pairGroups,
} from "../models/batch.ts";
import type { Model } from "../models/gpt-neox.ts";
import { rewardModelFrom } from "../models/initialization.ts";
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
  checkTrainable(options);
  const groups = pairGroups(task, pairs);
  checkGroups(groups, policy.config);
  const model = rewardModelFrom(policy, randomStream(options.seed, "reward", "head"));
  const shape = hooks?.trainer?.shapeFor?.(groups) ?? paddedShape(groups);
  return train(model, groups, rewardObjective(task.vocabulary.pad, shape, options), options, hooks);
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
  { readout = lastToken, trainable = "all" }: Pick<RewardModelOptions, "readout" | "trainable">,
): Objective<CompletionGroup, RewardBatch, RewardStates> {
  const isProbe = trainable === "head";
  return {
    identity: { bradleyTerry: readout, ...(isProbe && { trainable }) },
    batch: (groups) => rewardBatch(groups, pad, shape),
    ...(isProbe && { prepare: (net, batch) => ({ states: completionStates(net, batch, readout) }) }),
    loss: (net, { states, ...batch }) => {
      const rewards = rewardsOfStates(net, states ?? completionStates(net, batch, readout));
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

function checkTrainable({ trainable = "all", weightDecay = 0 }: RewardModelOptions): void {
  if (trainable !== "all" && trainable !== "head") throw outOfRange("trainable", "all or head", trainable);
  if (trainable === "head" && weightDecay !== 0)
    throw outOfRange('weightDecay with trainable "head"', "0", weightDecay);
}
