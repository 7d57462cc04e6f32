import { mean } from "../evaluation/statistics.ts";
import type { SeedResult, VerifierResult } from "../results/collect.ts";
import { scorers, styleOf } from "../results/labels.ts";
import { valuesOf } from "../results/measures.ts";

/** The results with these verifiers alone, in this order. Throws where a seed lacks one. */
export function ofVerifiers(results: readonly SeedResult[], ids: readonly string[]): SeedResult[] {
  return results.map((result) => ({ ...result, verifiers: ids.map((id) => verifierOf(result, id)) }));
}

/**
 * What verifiers are worth, averaged over seeds, as rows of a table: accuracy, mean probability of the annotator's
 * labels, and the gold reward of the best of N by each; last, what gold's own choice is worth on the same samples.
 */
export function verifierRows(
  results: readonly SeedResult[],
  ids: readonly string[],
): Record<string, string | number>[] {
  const averaged = (value: (result: SeedResult) => number) => mean(results.map(value));
  const best = (id: string, of: "bestOf" | "oracle") =>
    verifierOf(results[0]!, id)[of].map(({ n }, at): [string, number] => [
      `best of ${n}`,
      averaged((result) => mean(verifierOf(result, id)[of][at]!.values)),
    ]);
  const rows = ids.map((id) => ({
    verifier: styleOf(id, scorers).name,
    "accuracy, %": 100 * averaged((result) => mean(valuesOf(result, "accuracy", id))),
    "mean probability, %": 100 * averaged((result) => mean(valuesOf(result, "probability", id))),
    ...Object.fromEntries(best(id, "bestOf")),
  }));
  const gold = {
    verifier: styleOf("gold", scorers).name,
    "accuracy, %": 100,
    "mean probability, %": "",
    ...Object.fromEntries(best(ids[0]!, "oracle")),
  };
  return [...rows, gold];
}

function verifierOf({ seed, verifiers }: SeedResult, id: string): VerifierResult {
  const found = verifiers.find(({ verifier }) => verifier === id);
  if (found === undefined)
    throw new Error(
      `Seed ${seed} has no verifier "${id}"; it has ${verifiers.map((one) => one.verifier).join(", ")}.`,
    );
  return found;
}
