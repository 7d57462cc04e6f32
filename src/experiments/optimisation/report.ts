import type { TrendPoint } from "../../report/charts.ts";
import { measuredPoints } from "../../report/points.ts";
import type { SeedResult } from "../../results/collect.ts";
import { arms, type Label } from "../../results/labels.ts";
import { byLearningRate, morePrompts, threeEpochs } from "./plan.ts";

/** Greedy win rates of offline and online DPO by learning rate, for a trend chart. `rate` is the default one. */
export function learningRatePoints(results: readonly SeedResult[], rate: number): TrendPoint[] {
  const places = [arms.dpo, arms.onlineSft].flatMap((series) =>
    byLearningRate(series).map(({ label, factor }) => ({
      series,
      label,
      x: Number((factor * rate).toPrecision(2)),
    })),
  );
  return measuredPoints(results, "greedy-win-rate", places);
}

/**
 * Greedy win rates by optimiser steps, in epochs of the default number of pairs: of offline epochs, of online epochs on
 * the same samples, and of online training on samples of more prompts.
 */
export function stepPoints(results: readonly SeedResult[]): TrendPoint[] {
  const place = (series: Label, label: Label, x: number) => ({ series, label, x });
  return measuredPoints(results, "greedy-win-rate", [
    place(arms.dpo, arms.dpo, 1),
    place(arms.dpo, arms.dpo2x, 2),
    place(arms.dpo, arms.dpo5x, 5),
    place(arms.dpo, arms.dpo10x, 10),
    place(arms.onlineSft, arms.onlineSft, 1),
    place(arms.onlineSft, threeEpochs, 3),
    place(morePrompts, arms.onlineSft, 1),
    place(morePrompts, morePrompts, 3),
  ]);
}
