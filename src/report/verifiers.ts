import { mean } from "../evaluation/statistics.ts";
import type { SeedResult, VerifierResult } from "../experiments/experiment.ts";
import { variantOf } from "../experiments/variants.ts";
import { scorers, styleOf } from "./arms.ts";
import { valuesOf } from "./measures.ts";

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

/**
 * For each verifier that was chosen on validation prompts, as rows of a table: the mean probability that each candidate
 * gave the labels there, averaged over seeds, and how often which was chosen.
 */
export function choiceRows(
  results: readonly SeedResult[],
  ids: readonly string[],
): Record<string, string | number>[] {
  return ids.map((id) => {
    const choices = results.map((result) => choiceOf(result, id));
    const candidates = choices[0]!.from.map((one) => one.id);
    const values = candidates.map((candidate, at): [string, number] => [
      `${variantName(candidate)}, %`,
      100 * mean(choices.map(({ from }) => from[at]!.value)),
    ]);
    const times = candidates
      .map((candidate) => ({
        candidate,
        count: choices.filter(({ chosen }) => chosen === candidate).length,
      }))
      .filter(({ count }) => count > 0);
    return {
      verifier: styleOf(id, scorers).name,
      ...Object.fromEntries(values),
      chosen: times.map(({ candidate, count }) => `${variantName(candidate)} (${count})`).join(", "),
    };
  });
}

/** For each chosen verifier, on how many seeds the last candidate was chosen: where it was, the best may lie beyond. */
export function lastChosenSentences(results: readonly SeedResult[], ids: readonly string[]): string[] {
  return ids.map((id) => {
    const choices = results.map((result) => choiceOf(result, id));
    const last = choices[0]!.from.at(-1)!.id;
    const times = choices.filter(({ chosen }) => chosen === last).length;
    const where = `${styleOf(id, scorers).name}: ${variantName(last)}, the most tried, chosen on ${times} of ${results.length} seeds`;
    return times === 0
      ? `${where}: the best lies within those tried.`
      : `${where}: there, the best may lie beyond those tried.`;
  });
}

const variantName = (id: string) => variantOf(id).variant ?? id;

function choiceOf({ seed, choices }: SeedResult, id: string) {
  const found = choices.find((one) => one.id === id);
  if (found === undefined) throw new Error(`Seed ${seed} made no choice of "${id}".`);
  return found;
}

function verifierOf({ seed, verifiers }: SeedResult, id: string): VerifierResult {
  const found = verifiers.find(({ verifier }) => verifier === id);
  if (found === undefined)
    throw new Error(
      `Seed ${seed} has no verifier "${id}"; it has ${verifiers.map((one) => one.verifier).join(", ")}.`,
    );
  return found;
}
