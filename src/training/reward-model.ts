import { type CompletionGroup, checkGroups, paddedShape } from "../models/batch.ts";
import { type Model, rewardModelFrom } from "../models/gpt-neox.ts";
import { batchRewards, type RewardBatch, rewardBatch } from "../models/scorers.ts";
import type { PreferencePair, Prompt, Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import { randomStream } from "../tensors/random.ts";
import { bradleyTerryLoss } from "./losses.ts";
import { pairGroups, splitPairs } from "./pairs.ts";
import type { Objective } from "./step.ts";
import { type MetricsRow, type TrainingHooks, type TrainingOptions, train } from "./train.ts";

/**
 * Trains a global reward model, by maximum likelihood under Bradley and Terry's model of preference, from a
 * policy's trunk and a fresh scalar head. Logs `accuracy`, `margin`, `min_reward`, `mean_reward` and
 * `max_reward`, as TRL's reward trainer does.
 */
export async function trainRewardModel<P extends Prompt>(
  task: Task<P>,
  policy: Model,
  pairs: readonly PreferencePair<P>[],
  options: TrainingOptions,
  hooks?: TrainingHooks,
): Promise<{ model: Model; metrics: MetricsRow[] }> {
  const groups = pairGroups(task, pairs);
  checkGroups(groups, policy.config);
  const model = rewardModelFrom(policy, randomStream(options.seed, "reward", "head"));
  return train(model, groups.length, rewardObjective(groups, task.vocabulary.pad), options, hooks);
}

/** The Bradley-Terry loss of a reward model on groups of two completions, the chosen one first. */
export function rewardObjective(groups: readonly CompletionGroup[], pad: number): Objective<RewardBatch> {
  const room = paddedShape(groups);
  return {
    batch: (examples) =>
      rewardBatch(
        examples.map((index) => groups[index]!),
        pad,
        room,
      ),
    loss: (net, batch) => {
      const rewards = batchRewards(net, batch);
      const { chosen, rejected } = splitPairs(rewards);
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
