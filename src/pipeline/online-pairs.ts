import { missingEndScorer } from "../models/scorers.ts";
import type { Scorer } from "../tasks/task.ts";
import { bestAgainstWorst } from "../training/pairs.ts";
import { type PairsStage, pairCount, pairsRecord, pairsResult } from "./pairs.ts";
import { sampledPrompts } from "./samples.ts";
import type { ScorerSpec } from "./scorers.ts";
import { policySize } from "./sft.ts";
import { samplesOf } from "./shared-stages.ts";
import type { PolicyStage, Setting } from "./stage.ts";
import type { StageInputs, StageKind } from "./stage-inputs.ts";

/** The best against the worst of K samples per prompt, ranked by a scorer. */
export interface OnlinePairsStage extends PairsStage {
  readonly kind: "online-pairs";
  readonly policy: PolicyStage;
  readonly scorer: ScorerSpec;
  readonly completions: number;
  readonly temperature: number;
  /** The score of completions without an end token; default the scorer's own. */
  readonly missingEndScore?: number;
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

function penalised(
  scorer: Scorer,
  { missingEndScore }: OnlinePairsStage,
  { task }: Pick<StageInputs, "task">,
): Scorer {
  if (missingEndScore === undefined) return scorer;
  return missingEndScorer(scorer, task.vocabulary.eos, missingEndScore);
}

/** How stages of online pairs are computed and recorded. */
export const onlinePairs: StageKind<OnlinePairsStage> = {
  kind: "online-pairs",
  run(stage, inputs) {
    const samples = samplesOf(stage);
    const prompts = sampledPrompts(samples, inputs);
    const { completions } = inputs.read(samples);
    const scorer = penalised(inputs.scorer(stage.scorer, samples), stage, inputs);
    const pairs = bestAgainstWorst(prompts, completions, scorer);
    return pairsResult(inputs, pairs, stage.rewardDifferences);
  },
  record: pairsRecord,
  cost: (stage) => policySize(stage.policy) * pairCount(stage) * stage.completions,
};
