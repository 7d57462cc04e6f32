import type { SeedResult } from "../results/collect.ts";
import type { Label } from "../results/labels.ts";
import { averageOf } from "../results/measures.ts";
import { type Estimated, estimated, estimateLabels } from "./estimates.ts";
import type { DifferenceNeed, LevelNeed, Need, Registration } from "./registration.ts";

/** A need that results do not meet, with what was measured. */
export type UnmetNeed =
  | { readonly need: DifferenceNeed; readonly measured: Estimated }
  | { readonly need: LevelNeed; readonly measured: number };

/** The arms or scorers that a need is about. */
export function needLabels(need: Need): Label[] {
  return "treatment" in need ? estimateLabels(need) : [need.label];
}

/**
 * The need with what was measured, or nothing if it is met. A difference meets it if its interval at the registered level
 * lies above the bound. No correction is made: a need decides whether a test is made, and cannot decide the test.
 */
export function unmetNeed(
  need: Need,
  results: readonly SeedResult[],
  { interval }: Pick<Registration, "interval">,
): UnmetNeed[] {
  if ("treatment" in need) {
    const measured = estimated(results, need, interval);
    return measured.low > (need.above ?? 0) ? [] : [{ need, measured }];
  }
  const measured = averageOf(results, need.metric, need.label);
  const met = need.side === "below" ? measured < need.bound : measured > need.bound;
  return met ? [] : [{ need, measured }];
}
