import { mean } from "../evaluation/statistics.ts";
import type { Choice, SeedResult } from "../results/collect.ts";
import { type Label, sameLabel } from "../results/labels.ts";
import { escapeMarkdown } from "./markdown.ts";

/*
 * Tables and sentences about choices made on validation prompts: each candidate's value, which was chosen, and whether
 * it was at an end of the range that was tried.
 */

/** Each seed's candidates for `best` with their validation values in percent, and the chosen one, as rows of a table. */
export function choiceRows(
  results: readonly SeedResult[],
  best: Label,
): Readonly<Record<string, string | number>>[] {
  return results.map((result) => {
    const { chosen, candidates } = choiceOf(result, best);
    return {
      seed: result.seed,
      ...Object.fromEntries(candidates.map(({ label, value }) => [`${label.name}, %`, 100 * value])),
      chosen: chosen.name,
    };
  });
}

/**
 * Several choices averaged over seeds, as rows of a table: each candidate's validation value in percent, and how often it
 * was chosen. Candidates are named after their variants.
 */
export function choicesRows(
  results: readonly SeedResult[],
  best: readonly Label[],
): Readonly<Record<string, string | number>>[] {
  return best.map((one) => {
    const choices = results.map((result) => choiceOf(result, one));
    const [first] = choices;
    if (first === undefined) throw new Error("choicesRows needs the results of at least one seed.");
    const candidates = first.candidates.map(({ label }) => ({
      name: label.variant ?? label.name,
      value: mean(choices.flatMap((choice) => valuesOf(choice, label))),
      times: choices.filter(({ chosen }) => sameLabel(chosen, label)).length,
    }));
    return {
      "chosen among": one.name,
      ...Object.fromEntries(candidates.map(({ name, value }) => [`${name}, %`, 100 * value])),
      chosen: candidates
        .filter(({ times }) => times > 0)
        .map(({ name, times }) => `${name} (${times})`)
        .join(", "),
    };
  });
}

/**
 * On how many seeds the choice was the first or the last of `order`, in Markdown: the candidates sorted by what they vary. In that
 * case values outside the range may be better.
 */
export function edgeSentence(results: readonly SeedResult[], best: Label, order: readonly Label[]): string {
  const ends = [...order.slice(0, 1), ...order.slice(-1)].map(({ id, name }) => ({
    name,
    times: results.filter((result) => choiceOf(result, best).chosen.id === id).length,
  }));
  const counts = ends.map(({ name, times }) => `${escapeMarkdown(name)} on ${times}`).join(", ");
  const total = ends.reduce((sum, { times }) => sum + times, 0);
  const beyond =
    total === 0
      ? "the best lies within what was tried"
      : "there, something beyond what was tried may be better";
  return `Of ${results.length} ${results.length === 1 ? "seed" : "seeds"} the choice fell on an end of what was tried on ${total} (${counts}): ${beyond}.`;
}

/** The choice of `best` on one seed. Throws if the seed has none. */
export function choiceOf({ seed, choices }: SeedResult, best: Label): Choice {
  const found = choices.find((one) => sameLabel(one.best, best));
  if (found !== undefined) return found;
  throw new Error(
    `Seed ${seed} has no choice of "${best.name}"; it has ${choices.map((one) => one.best.name).join(", ") || "none"}.`,
  );
}

function valuesOf({ candidates }: Choice, label: Label): number[] {
  return candidates.filter((one) => sameLabel(one.label, label)).map(({ value }) => value);
}
