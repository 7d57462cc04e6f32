import { checkNumbers, checkWhole } from "./checks.ts";
import { normalCriticalValue, studentCriticalValue } from "./distributions.ts";

/** An estimate with its confidence interval [low, high]. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Arithmetic mean. Throws if `values` is empty or holds a number that is not finite. */
export function mean(values: readonly number[]): number {
  checkNumbers("values", values);
  return sum(values) / values.length;
}

/** Sample standard deviation (denominator n - 1). Throws if there are fewer than two values. */
export function sampleSd(values: readonly number[]): number {
  const centre = mean(values);
  if (values.length < 2) throw new Error("A standard deviation needs at least two values, not one.");
  return Math.sqrt(sum(values.map((value) => (value - centre) ** 2)) / (values.length - 1));
}

/**
 * Wilson's score interval (1927) for the proportion `wins / trials`; a tie may count as half a win. `mean` is
 * wins / trials, and the interval lies within [0, 1].
 */
export function wilson(wins: number, trials: number, confidence = 0.95): Interval {
  checkWhole("trials", trials, 1);
  if (!(wins >= 0 && wins <= trials)) {
    throw new Error(`wins must lie between 0 and the ${trials} trials, not ${wins}.`);
  }
  const z2 = normalCriticalValue(confidence) ** 2;
  const p = wins / trials;
  const centre = (wins + z2 / 2) / (trials + z2);
  const half = Math.sqrt(z2 * (trials * p * (1 - p) + z2 / 4)) / (trials + z2);
  return { mean: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Student's t interval for the mean of independent values, such as one per seed. Throws if there are fewer than two. */
export function tInterval(values: readonly number[], confidence = 0.95): Interval {
  const centre = mean(values);
  if (values.length < 2) throw new Error("A t interval needs at least two values, not one: run more seeds.");
  const half =
    (studentCriticalValue(confidence, values.length - 1) * sampleSd(values)) / Math.sqrt(values.length);
  return { mean: centre, low: centre - half, high: centre + half };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
