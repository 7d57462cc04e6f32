import { checkNumbers, checkSameLength } from "./checks.ts";
import { type Interval, wilson } from "./statistics.ts";

/** `mean` is the win rate; `low` and `high` bound Wilson's interval over prompts. */
export interface WinRate extends Interval {
  /** For each prompt 1, ½ or 0: the completion scores above its reference, ties with it, or scores below it. */
  readonly outcomes: readonly number[];
}

/** Options of `winRate`. */
export interface WinRateOptions {
  /** Scores that differ by at most this tie, default 0. */
  readonly tolerance?: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

/**
 * The share of prompts whose completion scores above its reference; a tie counts as half. Throws if the lists are
 * empty, differ in length, or hold a score that is not finite.
 */
export function winRate(
  scores: readonly number[],
  references: readonly number[],
  { tolerance = 0, confidence = 0.95 }: WinRateOptions = {},
): WinRate {
  checkNumbers("scores", scores);
  checkNumbers("references", references);
  checkSameLength("scores", scores, "references", references);
  if (!(tolerance >= 0)) throw new Error(`tolerance must be a number from 0, not ${tolerance}.`);
  const outcomes = scores.map((score, prompt) => {
    const margin = score - references[prompt]!;
    return Math.abs(margin) <= tolerance ? 0.5 : Number(margin > 0);
  });
  const wins = outcomes.reduce((total, outcome) => total + outcome, 0);
  return { outcomes, ...wilson(wins, outcomes.length, confidence) };
}
