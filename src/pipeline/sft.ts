import type { NeoXConfig } from "../models/gpt-neox.ts";
import { initialModel } from "../models/initialization.ts";
import { randomStream } from "../tensors/random.ts";
import { type SftOptions, trainSft } from "../training/sft.ts";
import { type PolicyStage, rootPolicy, type Setting } from "./stage.ts";
import { relativeSize, type StageKind } from "./stage-inputs.ts";
import { trainingRecord } from "./training-record.ts";

/** Supervised fine-tuning of a fresh model on the demonstrations. */
export interface SftStage extends PolicyStage {
  readonly kind: "sft";
  readonly model: NeoXConfig;
  readonly options: Omit<SftOptions, "seed">;
}

/** An SFT stage. */
export function sftStage(setting: Setting, model: NeoXConfig, options: SftStage["options"]): SftStage {
  return { kind: "sft", setting, model, options };
}

/** How SFT stages are computed and recorded. */
export const sft: StageKind<SftStage> = {
  kind: "sft",
  async run({ model, options, setting: { seed } }, { task, data, training }) {
    const fresh = initialModel(model, randomStream(seed, "sft", "weights"));
    return trainSft(task, fresh, data.demonstrations, { ...options, seed }, training());
  },
  record: trainingRecord,
  cost: ({ model, setting, options }) =>
    relativeSize(model) * 3 * setting.sizes.demonstrations * options.epochs,
};

/** The size of a policy's model beside the laboratory's usual one. Throws if its training did not begin with SFT. */
export function policySize(policy: PolicyStage): number {
  const root = rootPolicy(policy);
  if (!isSft(root)) throw new Error(`A ${root.kind} stage must have a policy to start from.`);
  return relativeSize(root.model);
}

const isSft = (stage: PolicyStage): stage is SftStage => stage.kind === "sft";
