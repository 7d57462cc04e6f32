import { type PairsStage, pairCount, pairsRecord, pairsResult, readPairs } from "./pairs.ts";
import type { ScorerSpec } from "./scorers.ts";
import type { PolicyStage, Setting } from "./stage.ts";
import type { StageKind } from "./stage-inputs.ts";

/** The completions of earlier pairs, ordered by another scorer. */
export interface RelabelledPairsStage extends PairsStage {
  readonly kind: "relabelled-pairs";
  readonly pairs: PairsStage & { readonly policy: PolicyStage };
  readonly scorer: ScorerSpec;
}

/** A stage of relabelled pairs. */
export function relabelledPairsStage(
  setting: Setting,
  pairs: RelabelledPairsStage["pairs"],
  scorer: ScorerSpec,
): RelabelledPairsStage {
  return { kind: "relabelled-pairs", setting, pairs, scorer };
}

/** How stages of relabelled pairs are computed and recorded. */
export const relabelledPairs: StageKind<RelabelledPairsStage> = {
  kind: "relabelled-pairs",
  run(stage, inputs) {
    const pairs = readPairs(inputs, stage.pairs);
    const score = inputs.scorer(stage.scorer, stage.pairs);
    const scores = score(
      pairs.flatMap(({ prompt, chosen, rejected }) => [
        { prompt, completion: chosen },
        { prompt, completion: rejected },
      ]),
    );
    const relabelled = pairs.map(({ prompt, chosen, rejected }, index) =>
      scores[2 * index]! >= scores[2 * index + 1]!
        ? { prompt, chosen, rejected }
        : { prompt, chosen: rejected, rejected: chosen },
    );
    return pairsResult(inputs, relabelled);
  },
  record: pairsRecord,
  cost: (stage) => 2 * pairCount(stage),
};
