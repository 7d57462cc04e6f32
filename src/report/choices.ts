import { mean } from "../evaluation/statistics.ts";
import type { Choice, SeedResult } from "../results/collect.ts";
import { styleOf } from "../results/labels.ts";
import { stylesOf } from "../results/measures.ts";
import { variantOf } from "../results/variants.ts";

/*
 * What was chosen on validation prompts, for the reader: by which numbers, and whether it lay at an end of what was
 * tried.
 */

/** Each seed's validation numbers in percent, and what was chosen by them, as rows of a table. */
export function choiceRows(
  results: readonly SeedResult[],
  id: string,
): Readonly<Record<string, string | number>>[] {
  return results.map((result) => {
    const { chosen, from } = choiceOf(result, id);
    const name = (one: string) => styleOf(one, tableOf(result, one)).name;
    return {
      seed: result.seed,
      ...Object.fromEntries(from.map((one) => [`${name(one.id)}, %`, 100 * one.value])),
      chosen: name(chosen),
    };
  });
}

/**
 * Several choices, averaged over seeds, as rows of a table: what each candidate reached on validation prompts in
 * percent, under the name of its variant, and how often which was chosen.
 */
export function choicesRows(
  results: readonly SeedResult[],
  ids: readonly string[],
): Readonly<Record<string, string | number>>[] {
  return ids.map((id) => {
    const choices = results.map((result) => choiceOf(result, id));
    const candidates = choices[0]!.from.map((candidate, at) => ({
      name: variantOf(candidate.id).variant ?? candidate.id,
      value: mean(choices.map(({ from }) => from[at]!.value)),
      times: choices.filter(({ chosen }) => chosen === candidate.id).length,
    }));
    return {
      "chosen among": styleOf(id, tableOf(results[0]!, id)).name,
      ...Object.fromEntries(candidates.map(({ name, value }) => [`${name}, %`, 100 * value])),
      chosen: candidates
        .filter(({ times }) => times > 0)
        .map(({ name, times }) => `${name} (${times})`)
        .join(", "),
    };
  });
}

/**
 * In a sentence, on how many seeds the choice fell on the first or the last of `order`: there, something beyond what
 * was tried may be better. `order` holds what was chosen from, by what it varies.
 */
export function edgeSentence(results: readonly SeedResult[], id: string, order: readonly string[]): string {
  const ends = [order[0]!, order.at(-1)!];
  const on = (end: string) => results.filter((result) => choiceOf(result, id).chosen === end).length;
  const counts = ends
    .map((end) => `${styleOf(end, tableOf(results[0]!, end)).name} on ${on(end)}`)
    .join(", ");
  const total = ends.reduce((sum, end) => sum + on(end), 0);
  const beyond =
    total === 0
      ? "the best lies within what was tried"
      : "there, something beyond what was tried may be better";
  return `Of ${results.length} ${results.length === 1 ? "seed" : "seeds"} the choice fell on an end of what was tried on ${total} (${counts}): ${beyond}.`;
}

function choiceOf({ seed, choices }: SeedResult, id: string): Choice {
  const found = choices.find((one) => one.id === id);
  if (found !== undefined) return found;
  throw new Error(
    `Seed ${seed} made no choice "${id}"; it made ${choices.map((one) => one.id).join(", ") || "none"}.`,
  );
}

const tableOf = ({ arms }: SeedResult, id: string) =>
  stylesOf(arms.some(({ arm }) => arm === id) ? "greedy-win-rate" : "accuracy");
