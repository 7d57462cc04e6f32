import type { NeoXConfig } from "../models/gpt-neox.ts";
import { initialModel } from "../models/initialization.ts";
import { randomStream } from "../tensors/random.ts";
import { type SftOptions, trainSft } from "../training/sft.ts";
import type { CheckpointStage } from "./checkpoint.ts";
import type { PublishedRewardStage } from "./published-reward.ts";
import { type PolicyStage, type RewardModelStage, rootPolicy, type Setting, type Stage } from "./stage.ts";
import { relativeSize, type StageKind } from "./stage-inputs.ts";
import { openStart, type Start } from "./start.ts";
import { trainingRecord } from "./training-record.ts";

/** Supervised fine-tuning of a fresh or a published model on the demonstrations. */
export interface SftStage extends PolicyStage {
  readonly kind: "sft";
  readonly model: NeoXConfig;
  readonly options: Omit<SftOptions, "seed">;
  /** The published model to fine-tune; default one with random weights. */
  readonly start?: Start;
}

/** An SFT stage. `model` is the config of `start` if there is one. */
export function sftStage(
  setting: Setting,
  model: NeoXConfig,
  options: SftStage["options"],
  start?: Start,
): SftStage {
  return { kind: "sft", setting, model, options, ...(start && { start }) };
}

/** How SFT stages are computed and recorded. */
export const sft: StageKind<SftStage> = {
  kind: "sft",
  async run({ model, start, options, setting: { seed } }, { task, data, training }) {
    const before = start
      ? openStart(start, "language", task.vocabulary)
      : initialModel(model, randomStream(seed, "sft", "weights"));
    return trainSft(task, before, data.demonstrations, { ...options, seed }, training());
  },
  record: trainingRecord,
  cost: ({ model, setting, options }) =>
    relativeSize(model) * 3 * setting.sizes.demonstrations * options.epochs,
};

/**
 * The size of a policy's or a published reward model beside the laboratory's usual one. Throws if a policy's training
 * began neither with SFT nor with a published policy.
 */
export function policySize(policy: PolicyStage | RewardModelStage): number {
  const root: Stage = policy.policy === undefined ? policy : rootPolicy(policy.policy);
  if (!hasModel(root)) throw new Error(`A ${root.kind} stage must have a policy to start from.`);
  return relativeSize(root.model);
}

const hasModel = (stage: Stage): stage is SftStage | CheckpointStage | PublishedRewardStage =>
  ["sft", "checkpoint", "published-reward"].includes(stage.kind);
