import type { SeedResult } from "./collect.ts";
import { type Label, sameLabel } from "./labels.ts";

/** A grid of candidates of which an end was chosen on many seeds. */
export interface GridEdge {
  /** The best arm or scorer that was chosen from the grid. */
  readonly best: Label;
  /** On how many of the seeds an end was chosen. */
  readonly times: number;
  readonly seeds: number;
}

/** The largest share of seeds on which an end of a grid may be chosen. */
const MOST_AT_EDGES = 0.25;

/**
 * The grids, among those from which some of `labels` were chosen, that are too short: an end was chosen on more than a
 * quarter of the seeds. Candidates are in the order of the plan; see `Best.openEnds` for which ends count.
 */
export function gridEdges(results: readonly SeedResult[], labels: readonly Label[]): GridEdge[] {
  const distinct = [...new Map(labels.map((one) => [one.id, one])).values()];
  return distinct.flatMap((label) => {
    const choices = results.flatMap((result) => result.choices.filter(({ best }) => sameLabel(best, label)));
    const [first] = choices;
    if (first === undefined) return [];
    const times = choices.filter(({ chosen, candidates, openEnds }) => {
      const at = candidates.findIndex((one) => sameLabel(one.label, chosen));
      return candidates.length > 1 && (at === candidates.length - 1 || (at === 0 && openEnds !== "upper"));
    }).length;
    return times > MOST_AT_EDGES * choices.length ? [{ best: first.best, times, seeds: choices.length }] : [];
  });
}
