import { loadUserCode, type UserCode } from "../files/user-code.ts";
import type { RewardReadout } from "../models/reward-head.ts";
import { globalScorer } from "../models/scorers.ts";
import { trainRewardModel } from "../training/reward-model.ts";
import type { TrainingOptions } from "../training/train.ts";
import { type PairsStage, pairCount, readPairs } from "./pairs.ts";
import type { PublishedRewardStage } from "./published-reward.ts";
import { policySize } from "./sft.ts";
import type { PolicyStage, RewardModelStage, Setting } from "./stage.ts";
import type { StageKind } from "./stage-inputs.ts";
import { trainingRecord } from "./training-record.ts";

/** Training of a global reward model on preference pairs, from a policy's weights. */
export interface RewardStage extends RewardModelStage {
  readonly kind: "reward";
  readonly policy: PolicyStage;
  readonly pairs: PairsStage;
  readonly options: Omit<TrainingOptions, "seed"> & {
    /** "head" trains the scalar head only; default all weights. */
    readonly trainable?: "head";
    /** How the reward is read off the hidden states; default the last token's. */
    readonly readout?: UserCode<RewardReadout>;
  };
}

/** A reward model's stage. */
export function rewardStage(
  setting: Setting,
  policy: PolicyStage,
  pairs: PairsStage,
  options: RewardStage["options"],
): RewardStage {
  return { kind: "reward", setting, policy, pairs, options };
}

/** How reward models' stages are computed and recorded, and the scorers that they make. */
export const reward: StageKind<RewardStage> = {
  kind: "reward",
  async run(stage, inputs) {
    const { policy, pairs, options } = stage;
    const { seed } = stage.setting;
    const { model: start } = inputs.read(policy);
    const examples = readPairs(inputs, pairs);
    const settings = { ...options, readout: readoutOf(stage), seed };
    return trainRewardModel(inputs.task, start, examples, settings, inputs.training());
  },
  record: trainingRecord,
  cost: ({ policy, pairs, options }) =>
    policySize(policy) * (options.trainable === "head" ? 2 : 6) * pairCount(pairs) * options.epochs,
  scorer: (stage, task, model) => globalScorer(task, model, readoutOf(stage)),
};

/** The readout that a reward model was trained with, if it is a user's own. */
export function readoutOf(stage: RewardStage | PublishedRewardStage): RewardReadout | undefined {
  return stage.kind === "reward" && stage.options.readout ? loadUserCode(stage.options.readout) : undefined;
}
