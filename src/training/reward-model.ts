import {
  type CompletionGroup,
  checkGroups,
  chosenAndRejected,
  paddedShape,
  pairGroups,
} from "../models/batch.ts";
import type { Model } from "../models/gpt-neox.ts";
import { rewardModelFrom } from "../models/initialization.ts";
import {
  completionRewards,
  lastToken,
  type RewardBatch,
  type RewardReadout,
  rewardBatch,
} from "../models/reward-head.ts";
import type { PreferencePair, Prompt, Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import { randomStream } from "../tensors/random.ts";
import { bradleyTerryLoss } from "./losses.ts";
import { type TrainingHooks, type TrainingOptions, train } from "./train.ts";
import type { MetricsRow, Objective } from "./trainer.ts";

/** Reward modelling's settings. */
export interface RewardModelOptions extends TrainingOptions {
  /** How the reward is read off the hidden states; default `lastToken`. */
  readonly readout?: RewardReadout;
}

/**
 * Trains a global reward model, by maximum likelihood under Bradley and Terry's model of preference, from a
 * policy's weights and a fresh scalar head. Logs `accuracy`, `margin`, `min_reward`, `mean_reward` and
 * `max_reward`, as TRL's reward trainer does.
 */
export async function trainRewardModel<P extends Prompt>(
  task: Task<P>,
  policy: Model,
  pairs: readonly PreferencePair<P>[],
  options: RewardModelOptions,
  hooks?: TrainingHooks,
): Promise<{ model: Model; metrics: MetricsRow[] }> {
  const groups = pairGroups(task, pairs);
  checkGroups(groups, policy.config);
  const model = rewardModelFrom(policy, randomStream(options.seed, "reward", "head"));
  const shape = hooks?.trainer?.shapeFor?.(groups) ?? paddedShape(groups);
  const { readout = lastToken } = options;
  const objective: Objective<CompletionGroup, RewardBatch> = {
    identity: { bradleyTerry: readout },
    batch: (groups) => rewardBatch(groups, task.vocabulary.pad, shape),
    loss: (net, batch) => {
      const rewards = completionRewards(net, batch, readout);
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
  return train(model, groups, objective, options, hooks);
}
