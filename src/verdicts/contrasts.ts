import type { Prediction } from "./predictions.ts";

/** A paired difference with its interval, in the metric's own unit, and the seeds that it rests on. */
export interface Contrast {
  /** As `contrastId` makes it. */
  readonly id: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly seeds: readonly number[];
}

/** What a rule can say of a claim. */
export type Status = "supported" | "refuted" | "not shown" | "uninformative";

/** Where an interval lies; one that touches zero lies across it. */
export function side({
  low,
  high,
}: {
  readonly low: number;
  readonly high: number;
}): "above" | "below" | "across" {
  return low > 0 ? "above" : high < 0 ? "below" : "across";
}

/**
 * Throws one sentence where a contrast is given twice, its numbers are not an interval, it rests on one of the
 * prediction's tuning seeds, or it counts a seed twice.
 */
export function checkContrasts(prediction: Prediction, contrasts: readonly Contrast[]): void {
  for (const [at, { id, mean, low, high, seeds }] of contrasts.entries()) {
    if (contrasts.findIndex((other) => other.id === id) !== at)
      throw new Error(`The contrast ${id} is given twice; give each contrast once.`);
    if (![mean, low, high].every(Number.isFinite) || low > high)
      throw new Error(
        `The contrast ${id} has mean ${mean} and interval [${low}, ${high}]; ` +
          "give finite numbers with the lower bound first.",
      );
    const tuned = seeds.find((seed) => prediction.seeds.tuning.includes(seed));
    if (tuned !== undefined)
      throw new Error(
        `The contrast ${id} includes seed ${tuned}, on which hyper-parameters were chosen; ` +
          `leave seeds ${prediction.seeds.tuning.join(", ")} out of the test.`,
      );
    const twice = seeds.find((seed, index) => seeds.indexOf(seed) !== index);
    if (twice !== undefined)
      throw new Error(`The contrast ${id} counts seed ${twice} twice; list each seed once.`);
  }
}
