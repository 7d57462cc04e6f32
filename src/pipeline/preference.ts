import { loadUserCode, type UserCode } from "../files/user-code.ts";
import { dpoScorer, localScorer } from "../models/scorers.ts";
import type { PreferenceLoss, PreferenceLossName } from "../training/losses.ts";
import { type OnPolicyKlOptions, onPolicyKl } from "../training/on-policy-kl.ts";
import { type PreferenceOptions, type ScoredPair, trainPreference } from "../training/preference.ts";
import { type PairsStage, pairCount, readPairs } from "./pairs.ts";
import { policySize } from "./sft.ts";
import { referenceLogpsOf } from "./shared-stages.ts";
import type { PolicyStage, Setting } from "./stage.ts";
import type { StageInputs, StageKind } from "./stage-inputs.ts";
import { trainingRecord } from "./training-record.ts";

/** The options of preference fine-tuning that are data. */
interface PreferenceStageOptions
  extends Omit<PreferenceOptions, "seed" | "reference" | "loss" | "regularizer"> {
  readonly reference: "start" | "none";
  /** A published loss or a user's own; default "dpo". */
  readonly loss?: PreferenceLossName | UserCode<PreferenceLoss>;
  /** Adds an on-policy KL from the reference: the policy at the start of training, or the stage's `reference`. */
  readonly kl?: OnPolicyKlOptions;
}

/** Preference fine-tuning of a policy, on offline or online pairs; without a reference it trains a local reward model. */
export interface PreferenceStage extends PolicyStage {
  readonly kind: "preference";
  readonly policy: PolicyStage;
  readonly pairs: PairsStage;
  readonly options: PreferenceStageOptions;
  /** A fixed reference, for several rounds of online fine-tuning; default `options.reference`. */
  readonly reference?: PolicyStage;
}

/** A preference fine-tuning stage. `reference` as in `PreferenceStage`. */
export function preferenceStage(
  setting: Setting,
  policy: PolicyStage,
  pairs: PairsStage,
  options: PreferenceStage["options"],
  reference?: PolicyStage,
): PreferenceStage {
  return { kind: "preference", setting, policy, pairs, options, ...(reference && { reference }) };
}

/** The stored pairs, with the reference's log-probabilities if there is one. */
function examplesOf(stage: PreferenceStage, inputs: StageInputs): readonly ScoredPair[] {
  const pairs = readPairs(inputs, stage.pairs);
  const shared = referenceLogpsOf(stage);
  if (shared === undefined) return pairs;
  const { logps } = inputs.read(shared);
  return pairs.map((pair, index) => ({
    ...pair,
    ref_chosen_logps: logps[2 * index],
    ref_rejected_logps: logps[2 * index + 1],
  }));
}

/** How preference fine-tuning stages are computed and recorded, and the scorers that they make. */
export const preference: StageKind<PreferenceStage> = {
  kind: "preference",
  async run(stage, inputs) {
    const { policy, reference, setting } = stage;
    const { kl, loss, ...options } = stage.options;
    const { model: start } = inputs.read(policy);
    const fixed = reference && inputs.read(reference).model;
    const examples = examplesOf(stage, inputs);
    const regularizer = kl && onPolicyKl(inputs.task, fixed ?? start, kl);
    try {
      const settings = {
        ...options,
        ...(loss !== undefined && { loss: typeof loss === "string" ? loss : loadUserCode(loss) }),
        ...(fixed && { reference: fixed }),
        seed: setting.seed,
        regularizer,
      };
      return await trainPreference(inputs.task, start, examples, settings, inputs.training());
    } finally {
      regularizer?.dispose();
    }
  },
  record: trainingRecord,
  cost: ({ policy, pairs, options }) =>
    policySize(policy) * (options.kl ? 12 : 6) * pairCount(pairs) * options.epochs,
  scorer({ options: { reference, beta, credit } }, task, model, logps) {
    return reference === "none"
      ? localScorer(task, model, beta, credit)
      : dpoScorer(task, model, logps(), beta);
  },
};
