import type { Choice, SeedResult } from "../experiments/experiment.ts";
import { styleOf } from "./arms.ts";

/* Arms that were chosen on validation prompts: by which numbers, and whether at an end of what was tried. */

/** Each seed's win rates on validation prompts, in percent, and the arm chosen by them, as rows of a table. */
export function armChoiceRows(results: readonly SeedResult[], id: string): Record<string, string | number>[] {
  return results.map((result) => {
    const { chosen, from } = choiceOf(result, id);
    return {
      seed: result.seed,
      ...Object.fromEntries(from.map((one) => [`${styleOf(one.id).name}, %`, 100 * one.value])),
      chosen: styleOf(chosen).name,
    };
  });
}

/**
 * On how many seeds the choice fell on the first or the last of what was tried, in a sentence: there, something beyond
 * may be better. `order` holds the arms chosen from, by what they vary.
 */
export function edgeSentence(results: readonly SeedResult[], id: string, order: readonly string[]): string {
  const ends = [order[0]!, order.at(-1)!].map((end) => ({
    name: styleOf(end).name,
    times: results.filter((result) => choiceOf(result, id).chosen === end).length,
  }));
  const counts = ends.map(({ name, times }) => `${name} was chosen on ${times} of ${results.length} seeds`);
  const beyond = ends.some(({ times }) => times > 0)
    ? "there, something beyond what was tried may be better"
    : "the best lies within what was tried";
  return `${styleOf(id).name}: ${counts.join(", ")}; ${beyond}.`;
}

function choiceOf({ seed, choices }: SeedResult, id: string): Choice {
  const found = choices.find((one) => one.id === id);
  if (found !== undefined) return found;
  const made = choices.map((one) => one.id).join(", ") || "none";
  throw new Error(`Seed ${seed} made no choice "${id}"; it made ${made}.`);
}
