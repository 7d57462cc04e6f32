import { mean, sampleSd } from "../../evaluation/statistics.ts";
import type { PlanePoint } from "../../report/charts.ts";
import type { SeedResult } from "../../results/collect.ts";
import { type Label, sameLabel } from "../../results/labels.ts";
import { associationPoints } from "../../verdicts/estimates.ts";
import type { Registration } from "../../verdicts/registration.ts";

/**
 * The points of a registered association on every seed, each labelled by the treatment. Throws if the hypothesis is not
 * registered or is no association.
 */
export function associationPlane(
  results: readonly SeedResult[],
  registration: Registration,
  hypothesis: string,
): PlanePoint[] {
  const found = registration.hypotheses.find(({ id }) => id === hypothesis)?.estimates[0];
  if (found === undefined || !("points" in found))
    throw new Error(`${registration.id} registers no association "${hypothesis}".`);
  return results.flatMap((result) =>
    associationPoints(result, found).map(({ label, x, y }) => ({ arm: label, seed: result.seed, x, y })),
  );
}

/** Both gaps of every condition in points of percent, averaged over seeds, with their standard deviation (n - 1). */
export function gapRows(points: readonly PlanePoint[]): Record<string, string | number>[] {
  const arms = new Map(points.map(({ arm }): [string, Label] => [arm.id, arm]));
  const summary = (values: readonly number[]) => {
    const spread = values.length < 2 ? "" : ` ± ${(100 * sampleSd(values)).toFixed(1)}`;
    return `${(100 * mean(values)).toFixed(1).replace("-", "−")}${spread}`;
  };
  return [...arms.values()].map((arm) => {
    const own = points.filter((point) => sameLabel(point.arm, arm));
    return {
      condition: arm.variant ?? "main comparison",
      "verification gap": summary(own.map(({ x }) => x)),
      "policy gap": summary(own.map(({ y }) => y)),
    };
  });
}
