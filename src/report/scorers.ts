import { mean } from "../evaluation/statistics.ts";
import type { SeedResult } from "../results/collect.ts";
import { type Label, scorers as labels } from "../results/labels.ts";
import { averageOf, presentLabels, scorerOf } from "../results/measures.ts";

/** The results with only these scorers, in this order, without missing ones. Throws if one is not in the plan. */
export function ofScorers(results: readonly SeedResult[], scorers: readonly Label[]): SeedResult[] {
  const present = presentLabels(results, scorers);
  return results.map((result) => ({
    ...result,
    scorers: present.map((scorer) => scorerOf(result, scorer)),
  }));
}

/**
 * Scorers averaged over seeds, as rows of a table: accuracy, mean probability of the annotator's labels, and the gold
 * reward of the best of N samples by each. The last row is the gold reward's own choice among the same samples. Missing
 * scorers are left out. Throws if no scorer is given or one was not measured.
 */
export function scorerRows(
  results: readonly SeedResult[],
  scorers: readonly Label[],
): Record<string, string | number>[] {
  if (scorers.length === 0) throw new Error("scorerRows needs at least one scorer.");
  const present = presentLabels(results, scorers);
  const [first] = present;
  if (first === undefined) return [];
  const rows = present.map((scorer) => ({
    scorer: scorer.name,
    "accuracy, %": 100 * averageOf(results, "accuracy", scorer),
    "mean probability, %": 100 * averageOf(results, "probability", scorer),
    ...bestOfN(results, scorer, "bestOf"),
  }));
  const gold = {
    scorer: labels.gold.name,
    "accuracy, %": 100,
    "mean probability, %": "",
    ...bestOfN(results, first, "oracle"),
  };
  return [...rows, gold];
}

/** The gold reward of the best of N by a scorer (`bestOf`) or by gold (`oracle`), averaged over seeds. */
function bestOfN(
  results: readonly SeedResult[],
  scorer: Label,
  by: "bestOf" | "oracle",
): Record<string, number> {
  const points = results.flatMap((result) => scorerOf(result, scorer)[by]);
  const ns = [...new Set(points.map(({ n }) => n))];
  return Object.fromEntries(
    ns.map((n) => [
      `best of ${n}`,
      mean(points.filter((point) => point.n === n).map(({ values }) => mean(values))),
    ]),
  );
}
