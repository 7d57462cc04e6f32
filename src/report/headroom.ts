import { styleOf } from "../results/labels.ts";
import type { ArmSummary } from "./tables.ts";

/** Below and above these win rates, from 0 to 1, an arm has no room left to differ in. */
const FLOOR = 0.1;
const CEILING = 0.9;
/** From this share of flawed completions, from 0 to 1, an arm has not learned the task's form. */
const FORMLESS = 0.9;

/**
 * Whether the results leave room for arms to differ, in a sentence: without the task's form, or at the floor or
 * the ceiling, a difference between arms would say nothing about how they were trained.
 */
export function headroomSentence(summaries: readonly ArmSummary[]): string {
  const rates = summaries.map(({ winRate }) => winRate.mean);
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  const at = (rate: number) => {
    const { arm } = summaries[rates.indexOf(rate)]!;
    return `${styleOf(arm).name} at ${(100 * rate).toFixed(1)} %`;
  };
  const errors = Math.min(...summaries.map((summary) => summary.errors));
  if (errors >= FORMLESS) {
    return `No arm has learned the task's form: at least ${Math.floor(100 * errors)} % of every arm's completions are malformed, so these numbers cannot tell one way of fine-tuning from another.`;
  }
  if (high < FLOOR) {
    return `At the floor: even the best arm (${at(high)}) wins on fewer than ${100 * FLOOR} % of the posts, so these numbers cannot tell one way of fine-tuning from another.`;
  }
  if (low > CEILING) {
    return `At the ceiling: even the weakest arm (${at(low)}) wins on more than ${100 * CEILING} % of the posts, so these numbers cannot tell one way of fine-tuning from another.`;
  }
  return `Win rates run from ${at(low)} to ${at(high)}: there is room for arms to differ.`;
}
