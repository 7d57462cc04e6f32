import { type RlooOptions, rewardModelReward, trainRloo } from "../training/rloo.ts";
import type { PublishedRewardStage } from "./published-reward.ts";
import { type RewardStage, readoutOf } from "./reward-model.ts";
import { preferenceSlice, promptCount } from "./samples.ts";
import { policySize } from "./sft.ts";
import type { PolicyStage, Setting } from "./stage.ts";
import type { StageKind } from "./stage-inputs.ts";
import { trainingRecord } from "./training-record.ts";

/**
 * Policy gradient on the policy's own samples of the preference prompts, scored by a reward model as it is, with RLOO's
 * baseline. The reference is the policy that it starts from.
 */
export interface RlooStage extends PolicyStage {
  readonly kind: "rloo";
  readonly policy: PolicyStage;
  readonly reward: RewardStage | PublishedRewardStage;
  readonly options: Omit<RlooOptions, "seed">;
  /** As in `PairsStage`. */
  readonly first?: number;
  readonly skip?: number;
}

/** An RLOO stage. */
export function rlooStage(setting: Setting, stage: Omit<RlooStage, "kind" | "setting">): RlooStage {
  return { kind: "rloo", setting, ...stage };
}

/** How RLOO stages are computed and recorded. */
export const rloo: StageKind<RlooStage> = {
  kind: "rloo",
  async run({ policy, options, setting: { seed }, ...stage }, inputs) {
    const { task, data } = inputs;
    const { model: start } = inputs.read(policy);
    const prompts = preferenceSlice(data.prompts, stage);
    const { model } = inputs.read(stage.reward);
    const reward = rewardModelReward(task, model, readoutOf(stage.reward));
    try {
      return await trainRloo(task, start, prompts, reward, { ...options, seed }, inputs.training());
    } finally {
      reward.dispose();
    }
  },
  record: trainingRecord,
  cost: ({ policy, options: { completions, epochs }, setting, first, skip }) =>
    policySize(policy) *
    7 *
    completions *
    promptCount({ setting, first, skip, prompts: "preference" }) *
    epochs,
};
