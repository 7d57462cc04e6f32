import type { SeedResult } from "../results/collect.ts";
import type { Label } from "../results/labels.ts";
import { type Estimate, isMeasured, seedValues } from "../verdicts/estimates.ts";
import type { TrendPoint } from "./charts.ts";
import { measuredValues } from "./measured.ts";

/** A point of a series in a trend chart. */
interface Place {
  readonly series: Label;
  readonly x: number;
}

/** A measure of arms or scorers, without missing ones, on every seed, each at its place. */
export function measuredPoints(
  results: readonly SeedResult[],
  metric: string,
  places: readonly (Place & { readonly label: Label })[],
): TrendPoint[] {
  return places.flatMap(({ series, x, label }) =>
    measuredValues(results, metric, [label]).map(({ seed, value }) => ({ series, x, seed, value })),
  );
}

/** Estimates, such as differences of two arms, without those of missing arms, on every seed, each at its place. */
export function estimatedPoints(
  results: readonly SeedResult[],
  places: readonly (Place & { readonly estimate: Estimate })[],
): TrendPoint[] {
  const measured = places.filter(({ estimate }) => isMeasured(results, estimate));
  return measured.flatMap(({ series, x, estimate }) =>
    seedValues(results, estimate).map((one) => ({ series, x, ...one })),
  );
}
