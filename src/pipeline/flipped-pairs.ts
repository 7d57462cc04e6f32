import { randomStream, uniform } from "../tensors/random.ts";
import { type PairsStage, pairCount, pairsRecord, pairsResult, readPairs } from "./pairs.ts";
import type { Setting } from "./stage.ts";
import type { StageKind } from "./stage-inputs.ts";

/**
 * Earlier pairs with noisy labels: each pair's chosen and rejected completion are exchanged with a probability, each
 * independently of the others.
 */
export interface FlippedPairsStage extends PairsStage {
  readonly kind: "flipped-pairs";
  readonly pairs: PairsStage;
  /** From 0 to 1. The pairs that are flipped with one probability are also flipped with every higher one. */
  readonly probability: number;
}

/** A stage of flipped pairs. */
export function flippedPairsStage(
  setting: Setting,
  pairs: PairsStage,
  probability: number,
): FlippedPairsStage {
  return { kind: "flipped-pairs", setting, pairs, probability };
}

/** How stages of flipped pairs are computed and recorded. */
export const flippedPairs: StageKind<FlippedPairsStage> = {
  kind: "flipped-pairs",
  run({ probability, setting: { seed }, ...stage }, inputs) {
    if (!(probability >= 0 && probability <= 1))
      throw new Error(
        `The probability of a flipped label must be from 0 to 1, but is ${probability}: change it.`,
      );
    const flipped = readPairs(inputs, stage.pairs).map(({ prompt, chosen, rejected }, index) =>
      uniform(randomStream(seed, "flipped-pairs", index)) < probability
        ? { prompt, chosen: rejected, rejected: chosen }
        : { prompt, chosen, rejected },
    );
    return pairsResult(inputs, flipped);
  },
  record: pairsRecord,
  cost: (stage) => pairCount(stage),
};
