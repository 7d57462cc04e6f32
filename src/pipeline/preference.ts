import { dpoScorer, localScorer } from "../models/scorers.ts";
import { type PreferenceOptions, trainPreference } from "../training/preference.ts";
import { trainingRecord } from "./metrics.ts";
import { type PairsStage, pairCount, readPairs } from "./pairs.ts";
import { policySize } from "./sft.ts";
import type { PolicyStage, Setting } from "./stage.ts";
import type { StageKind } from "./stage-inputs.ts";

/** Preference fine-tuning of a policy, on offline or online pairs; without a reference it trains a local reward model. */
export interface PreferenceStage extends PolicyStage {
  readonly kind: "preference";
  readonly policy: PolicyStage;
  readonly pairs: PairsStage;
  readonly options: Omit<PreferenceOptions, "seed">;
}

/** A preference fine-tuning stage. */
export function preferenceStage(
  setting: Setting,
  policy: PolicyStage,
  pairs: PairsStage,
  options: PreferenceStage["options"],
): PreferenceStage {
  return { kind: "preference", setting, policy, pairs, options };
}

export const preference: StageKind<PreferenceStage> = {
  kind: "preference",
  async run({ policy, pairs, options, setting: { seed } }, inputs) {
    const { model: start } = inputs.read(policy);
    const examples = readPairs(inputs, pairs);
    return trainPreference(inputs.task, start, examples, { ...options, seed }, inputs.training());
  },
  record: trainingRecord,
  cost: ({ policy, pairs, options }) =>
    policySize(policy) * (options.kl ? 12 : 6) * pairCount(pairs) * options.epochs,
  scorer({ options: { beta, reference, credit } }, task, model, start) {
    return reference === "none"
      ? localScorer(task, model, beta, credit)
      : dpoScorer(task, model, start, beta);
  },
};
