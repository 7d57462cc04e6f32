import { escapeMarkdown } from "./markdown.ts";
import type { ArmSummary } from "./tables.ts";

/** If all win rates are below the floor or above the ceiling, arms have no room to differ. */
const FLOOR = 0.1;
const CEILING = 0.9;
/** An arm with at least this share of malformed completions has not learned the task's form. */
const MALFORMED = 0.9;

/**
 * Whether differences between arms can be measured at all, in a sentence of Markdown: not if every arm is at the floor or at the
 * ceiling, or no arm has learned the task's form. Throws if there are no arms.
 */
export function headroomSentence(summaries: readonly ArmSummary[]): string {
  if (summaries.length === 0) throw new Error("headroomSentence needs at least one arm.");
  const low = summaries.reduce((least, one) => (one.winRate.mean < least.winRate.mean ? one : least));
  const high = summaries.reduce((most, one) => (one.winRate.mean > most.winRate.mean ? one : most));
  const at = ({ arm, winRate }: ArmSummary) =>
    `${escapeMarkdown(arm.name)} at ${(100 * winRate.mean).toFixed(1)} %`;
  const malformed = Math.min(...summaries.map((summary) => summary.malformed));
  if (malformed >= MALFORMED) {
    return `No arm has learned the task's form: at least ${Math.floor(100 * malformed)} % of every arm's completions are malformed, so these numbers cannot tell one way of fine-tuning from another.`;
  }
  if (high.winRate.mean < FLOOR) {
    return `At the floor: even the best arm (${at(high)}) wins on fewer than ${100 * FLOOR} % of the posts, so these numbers cannot tell one way of fine-tuning from another.`;
  }
  if (low.winRate.mean > CEILING) {
    return `At the ceiling: even the weakest arm (${at(low)}) wins on more than ${100 * CEILING} % of the posts, so these numbers cannot tell one way of fine-tuning from another.`;
  }
  return `Win rates run from ${at(low)} to ${at(high)}: there is room for arms to differ.`;
}
