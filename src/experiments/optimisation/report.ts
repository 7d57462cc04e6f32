import type { TrendPoint } from "../../report/charts.ts";
import { measuredPoints } from "../../report/points.ts";
import type { SeedResult } from "../../results/collect.ts";
import { arms, type Label } from "../../results/labels.ts";
import { afterEpochs, epochGrid } from "../tuned/epochs.ts";
import { morePromptsEpochs, onMorePrompts } from "./more-prompts.ts";

/**
 * Greedy win rates by optimiser steps, in epochs of the pairs' prompts: of offline and of online DPO, and of online DPO on
 * three times the prompts, whose epochs have three times the steps.
 */
export function stepPoints(results: readonly SeedResult[]): TrendPoint[] {
  const places = (series: Label, epochs: readonly number[], perEpoch = 1) =>
    epochs.map((count) => ({ series, label: afterEpochs(series, count), x: perEpoch * count }));
  return measuredPoints(results, "greedy-win-rate", [
    ...places(arms.dpo, epochGrid),
    ...places(arms.onlineSft, epochGrid),
    ...places(onMorePrompts, morePromptsEpochs, 3),
  ]);
}
