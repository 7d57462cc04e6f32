import { mean } from "../evaluation/statistics.ts";
import type { ScorerResult, SeedResult } from "../results/collect.ts";
import { scorerLabels, styleOf } from "../results/labels.ts";
import { valuesOf } from "../results/measures.ts";

/** The results with these verifiers alone, in this order. Throws where a seed lacks one. */
export function ofScorers(results: readonly SeedResult[], ids: readonly string[]): SeedResult[] {
  return results.map((result) => ({ ...result, scorers: ids.map((id) => scorerOf(result, id)) }));
}

/**
 * What verifiers are worth, averaged over seeds, as rows of a table: accuracy, mean probability of the annotator's
 * labels, and the gold reward of the best of N by each; last, what gold's own choice is worth on the same samples.
 */
export function scorerRows(
  results: readonly SeedResult[],
  ids: readonly string[],
): Record<string, string | number>[] {
  const averaged = (value: (result: SeedResult) => number) => mean(results.map(value));
  const best = (id: string, of: "bestOf" | "oracle") =>
    scorerOf(results[0]!, id)[of].map(({ n }, at): [string, number] => [
      `best of ${n}`,
      averaged((result) => mean(scorerOf(result, id)[of][at]!.values)),
    ]);
  const rows = ids.map((id) => ({
    scorer: styleOf(id, scorerLabels).name,
    "accuracy, %": 100 * averaged((result) => mean(valuesOf(result, "accuracy", id))),
    "mean probability, %": 100 * averaged((result) => mean(valuesOf(result, "probability", id))),
    ...Object.fromEntries(best(id, "bestOf")),
  }));
  const gold = {
    scorer: styleOf("gold", scorerLabels).name,
    "accuracy, %": 100,
    "mean probability, %": "",
    ...Object.fromEntries(best(ids[0]!, "oracle")),
  };
  return [...rows, gold];
}

function scorerOf({ seed, scorers }: SeedResult, id: string): ScorerResult {
  const found = scorers.find(({ scorer }) => scorer === id);
  if (found === undefined)
    throw new Error(
      `Seed ${seed} has no scorer "${id}"; it has ${scorers.map((one) => one.scorer).join(", ")}.`,
    );
  return found;
}
