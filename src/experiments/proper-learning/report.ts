import { mean, sampleSd } from "../../evaluation/statistics.ts";
import { definitionId, withAncestors } from "../../pipeline/stage.ts";
import type { PlanePoint } from "../../report/charts.ts";
import type { Plan, SeedResult } from "../../results/collect.ts";
import { styleOf } from "../../results/labels.ts";
import { variantOf } from "../../results/variants.ts";
import { associationPoints } from "../../verdicts/estimates.ts";
import type { Registration } from "../../verdicts/registration.ts";

/**
 * The points that a registered association relates, on every seed: x and y as it says, each named by the treatment.
 * Throws where the hypothesis is not registered or is no association.
 */
export function linkedGaps(
  results: readonly SeedResult[],
  registration: Registration,
  hypothesis: string,
): PlanePoint[] {
  const found = registration.hypotheses.find(({ id }) => id === hypothesis)?.estimates[0];
  if (found === undefined || !("points" in found)) {
    throw new Error(`${registration.id} registers no association "${hypothesis}".`);
  }
  return results.flatMap((result) =>
    associationPoints(result, found).map(({ id, x, y }) => ({ arm: id, seed: result.seed, x, y })),
  );
}

/** Both gaps of every condition in points of percent, averaged over seeds, with their spread (n - 1). */
export function gapRows(points: readonly PlanePoint[]): Record<string, string | number>[] {
  const arms = [...new Set(points.map(({ arm }) => arm))];
  const summary = (values: readonly number[]) => {
    const spread = values.length < 2 ? "" : ` ± ${(100 * sampleSd(values)).toFixed(1)}`;
    return `${(100 * mean(values)).toFixed(1).replace("-", "−")}${spread}`;
  };
  return arms.map((arm) => {
    const own = points.filter((point) => point.arm === arm);
    return {
      condition: variantOf(arm).variant ?? "main comparison",
      "verification gap": summary(own.map(({ x }) => x)),
      "policy gap": summary(own.map(({ y }) => y)),
    };
  });
}

/**
 * The computing time that arms add to SFT and the offline pairs, in seconds, averaged over seeds; `plans` are those
 * that the results are of. An arm's reward model, samples and earlier policies count; evaluation does not.
 */
export function computeRows(
  results: readonly SeedResult[],
  plans: ReadonlyMap<number, Plan>,
  arms: readonly string[],
): Record<string, string | number>[] {
  return arms.map((arm) => {
    const seconds = results.map(({ seed, provenance }) => {
      const spent = new Map(provenance.map((one) => [one.stage, one.seconds]));
      const added = withAncestors([plans.get(seed)!.arms[arm]!]).filter(
        ({ kind }) => kind !== "sft" && kind !== "offline-pairs",
      );
      return added.reduce((sum, stage) => sum + spent.get(definitionId(stage))!, 0);
    });
    return { arm: styleOf(arm).name, "added computing, s": Number(mean(seconds).toFixed(1)) };
  });
}
