import type { TrendPoint } from "../../report/charts.ts";
import { measuredPoints } from "../../report/points.ts";
import type { SeedResult } from "../../results/collect.ts";
import { variantId } from "../../results/variants.ts";
import { learningRateFactors } from "./plan.ts";

/** Greedy win rates of offline and online DPO by learning rate, for a trend chart; `rate` is the usual one. */
export function learningRatePoints(results: readonly SeedResult[], rate: number): TrendPoint[] {
  const places = ["dpo", "online-sft"].flatMap((series) => [
    { series, id: series, x: rate },
    ...Object.entries(learningRateFactors).map(([variant, factor]) => ({
      series,
      id: variantId(series, variant),
      x: Number((factor * rate).toPrecision(2)),
    })),
  ]);
  return measuredPoints(results, "greedy-win-rate", places);
}

/**
 * Greedy win rates by optimiser steps, in epochs of the usual number of pairs: offline epochs; online
 * epochs on the same samples; and online on samples of new prompts.
 */
export function stepPoints(results: readonly SeedResult[]): TrendPoint[] {
  const place = (series: string, id: string, x: number) => ({ series, id, x });
  return measuredPoints(results, "greedy-win-rate", [
    place("dpo", "dpo", 1),
    place("dpo", "dpo-2x", 2),
    place("dpo", "dpo-5x", 5),
    place("dpo", "dpo-10x", 10),
    place("online-sft", "online-sft", 1),
    place("online-sft", "online-sft@3 epochs", 3),
    place("online-sft@more prompts", "online-sft", 1),
    place("online-sft@more prompts", "online-sft@more prompts", 3),
  ]);
}
