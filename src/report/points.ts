import type { SeedResult } from "../results/collect.ts";
import { seedValues } from "../verdicts/estimates.ts";
import type { Estimate } from "../verdicts/registration.ts";
import type { TrendPoint } from "./charts.ts";
import { measuredValues } from "./measured.ts";

/** Where a series has a point. */
interface Place {
  readonly series: string;
  readonly x: number;
}

/** A measure of arms or verifiers, each at its place, on every seed: for charts of how it changes with a number. */
export function measuredPoints(
  results: readonly SeedResult[],
  metric: string,
  places: readonly (Place & { readonly id: string })[],
): TrendPoint[] {
  return places.flatMap(({ series, x, id }) =>
    measuredValues(results, metric, [id]).map(({ seed, value }) => ({ series, x, seed, value })),
  );
}

/** The same of estimates, such as differences of two arms. */
export function estimatedPoints(
  results: readonly SeedResult[],
  places: readonly (Place & { readonly estimate: Estimate })[],
): TrendPoint[] {
  return places.flatMap(({ series, x, estimate }) =>
    seedValues(results, estimate).map((one) => ({ series, x, ...one })),
  );
}
