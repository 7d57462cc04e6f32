import { bestAgainstWorst } from "../training/pairs.ts";
import { type PairsStage, pairCount, pairsRecord, pairsResult } from "./pairs.ts";
import { sampledPrompts } from "./samples.ts";
import type { ScorerSpec } from "./scorers.ts";
import { policySize } from "./sft.ts";
import { samplesOf } from "./shared-stages.ts";
import type { PolicyStage, Setting } from "./stage.ts";
import type { StageKind } from "./stage-inputs.ts";

/** The best against the worst of K samples per prompt, ranked by a scorer. */
export interface OnlinePairsStage extends PairsStage {
  readonly kind: "online-pairs";
  readonly policy: PolicyStage;
  readonly scorer: ScorerSpec;
  readonly completions: number;
  readonly temperature: number;
  /** Whether pairs come with the scorer's score of the chosen minus that of the rejected, for the loss "rebel". */
  readonly rewardDifferences?: true;
}

/** A stage of online pairs. */
export function onlinePairsStage(
  setting: Setting,
  options: Omit<OnlinePairsStage, "kind" | "setting" | "pairs">,
): OnlinePairsStage {
  return { kind: "online-pairs", setting, ...options };
}

/** How stages of online pairs are computed and recorded. */
export const onlinePairs: StageKind<OnlinePairsStage> = {
  kind: "online-pairs",
  run(stage, inputs) {
    const samples = samplesOf(stage);
    const prompts = sampledPrompts(samples, inputs);
    const { completions } = inputs.read(samples);
    const scorer = inputs.scorer(stage.scorer, samples);
    const pairs = bestAgainstWorst(prompts, completions, scorer);
    return pairsResult(inputs, pairs, stage.rewardDifferences);
  },
  record: pairsRecord,
  cost: (stage) => policySize(stage.policy) * pairCount(stage) * stage.completions,
};
