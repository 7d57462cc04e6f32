import type { SeedResult } from "../../results/collect.ts";
import { arms, sameLabel } from "../../results/labels.ts";
import { offlineArms } from "./plan.ts";

/** The validation win rates of the registered offline arms on one seed, and the epochs chosen by them. */
export interface OfflineChoice {
  readonly seed: number;
  readonly epochs: number;
  readonly validation: readonly { readonly epochs: number; readonly winRate: number }[];
}

/** How the number of offline epochs was chosen on each seed. Throws if a seed did not choose one. */
export function offlineChoices(results: readonly SeedResult[]): OfflineChoice[] {
  return results.map(({ seed, choices }) => {
    const choice = choices.find(({ best }) => sameLabel(best, arms.dpoBest));
    const [chosen] = offlineArms.filter(({ label }) => choice && sameLabel(label, choice.chosen));
    if (choice === undefined || chosen === undefined)
      throw new Error(`Seed ${seed} has no ${arms.dpoBest.name}: train its candidates first.`);
    const validation = choice.candidates.flatMap(({ label, value }) =>
      offlineArms
        .filter((one) => sameLabel(one.label, label))
        .map(({ epochs }) => ({ epochs, winRate: value })),
    );
    return { seed, epochs: chosen.epochs, validation };
  });
}

/** On how many seeds the longest registered offline arm was chosen, in a sentence: there, more epochs may be better. */
export function epochsSentence(results: readonly SeedResult[]): string {
  const longest = Math.max(...offlineArms.map(({ epochs }) => epochs));
  const atEdge = offlineChoices(results).filter(({ epochs }) => epochs === longest).length;
  const chosen = `The longest registered offline run, ${longest} epochs, was chosen on ${atEdge} of ${results.length} seeds`;
  return atEdge === 0
    ? `${chosen}: the best number of epochs lies within those tried.`
    : `${chosen}: there, the best number of epochs may lie beyond those tried.`;
}
