/* Training: the loop, SFT, reward models, and preferences with their losses. */
export {
  dpoLoss,
  type PairRewards,
  type PreferenceLoss,
  type PreferenceLossName,
  preferenceLosses,
} from "./losses.ts";
export { onPolicyKl } from "./on-policy-kl.ts";
export { type AdamWOptions, adamWDefaults } from "./optimizer.ts";
export { annotatedPairs, bestAgainstWorst } from "./pairs.ts";
export { type PreferenceOptions, preferenceObjective, trainPreference } from "./preference.ts";
export { trainRewardModel } from "./reward-model.ts";
export { type SftOptions, trainSft } from "./sft.ts";
export { sharedTrainer } from "./shared-trainer.ts";
export {
  type MetricsRow,
  type Objective,
  openTrainer,
  type Trainer,
  type TrainingHooks,
  type TrainingOptions,
  train,
} from "./train.ts";
