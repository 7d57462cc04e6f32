/* Training: the loop, SFT, reward models, and preferences with their losses. */
export {
  dpoLoss,
  type PairRewards,
  type PreferenceLoss,
  type PreferenceLossName,
  preferenceLosses,
} from "./losses.ts";
export { type OnPolicyKlOptions, onPolicyKl } from "./on-policy-kl.ts";
export { type AdamWOptions, adamWDefaults } from "./optimizer.ts";
export { annotatedPairs, bestAgainstWorst } from "./pairs.ts";
export {
  type PreferenceOptions,
  preferenceObjective,
  type ScoredPair,
  trainPreference,
} from "./preference.ts";
export type { Regularizer } from "./regularizer.ts";
export { type RewardModelOptions, rewardObjective, trainRewardModel } from "./reward-model.ts";
export { type RlooOptions, type RolloutReward, rewardModelReward, rlooLoss, trainRloo } from "./rloo.ts";
export { type SftOptions, trainSft } from "./sft.ts";
export { type SharedTrainer, sharedTrainer } from "./shared-trainer.ts";
export { type TrainingHooks, type TrainingOptions, train } from "./train.ts";
export { type MetricsRow, type Objective, openTrainer, type Trainer } from "./trainer.ts";
export { type TrainerCache, type TrainerSource, trainerCache } from "./trainer-cache.ts";
export type { CheckpointFile } from "./training-state.ts";
