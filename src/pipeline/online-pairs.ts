import { bestAgainstWorst } from "../training/pairs.ts";
import { type PairsStage, pairCount, pairsRecord, pairsResult } from "./pairs.ts";
import type { ScorerSpec } from "./scorers.ts";
import { policySize } from "./sft.ts";
import type { PolicyStage, Setting } from "./stage.ts";
import { drawSamples, type StageKind } from "./stage-inputs.ts";

/** The best against the worst of K samples per prompt, ranked by a scorer. */
export interface OnlinePairsStage extends PairsStage {
  readonly kind: "online-pairs";
  readonly policy: PolicyStage;
  readonly scorer: ScorerSpec;
  readonly completions: number;
  readonly temperature: number;
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
  async run({ policy, scorer, completions, temperature, first, demonstrations = 0, setting }, inputs) {
    const { data } = inputs;
    const { model } = inputs.read(policy);
    const more = data.demonstrations.slice(0, demonstrations).map(({ prompt }) => prompt);
    const prompts = [...data.prompts.slice(0, first), ...more];
    const draw = { purpose: "online-pairs", completions, temperature, seed: setting.seed };
    const samples = await drawSamples(inputs, model, prompts, draw);
    return pairsResult(inputs, bestAgainstWorst(prompts, samples, inputs.scorer(scorer, model)));
  },
  record: pairsRecord,
  cost: (stage) => policySize(stage.policy) * 2 * pairCount(stage) * stage.completions,
};
