import { checkNumbers, checkSameLength, checkWhole } from "./checks.ts";
import { normalCriticalValue, studentCriticalValue } from "./distributions.ts";

/** An estimate with the ends of its interval. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Scores as runs × tasks, as rliable (Agarwal et al. 2021) arranges them. */
export type ScoreMatrix = readonly (readonly number[])[];

/** The arithmetic mean. Throws where there is no value or one that is not finite. */
export function mean(values: readonly number[]): number {
  checkNumbers("values", values);
  return sum(values) / values.length;
}

/** The standard deviation with n - 1 in the denominator. Throws where there are fewer than two values. */
export function sampleSd(values: readonly number[]): number {
  const centre = mean(values);
  if (values.length < 2) throw new Error("A standard deviation needs at least two values, not one.");
  return Math.sqrt(sum(values.map((value) => (value - centre) ** 2)) / (values.length - 1));
}

/**
 * Wilson's score interval (1927) for a proportion of `wins` in `trials`; a tie may count as half a win.
 * The mean is wins / trials, and the interval stays within 0 and 1.
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

/** Student's t interval for the mean of independent values, such as one per seed. Needs at least two. */
export function tInterval(values: readonly number[], confidence = 0.95): Interval {
  const centre = mean(values);
  if (values.length < 2) throw new Error("A t interval needs at least two values, not one: run more seeds.");
  const half =
    (studentCriticalValue(confidence, values.length - 1) * sampleSd(values)) / Math.sqrt(values.length);
  return { mean: centre, low: centre - half, high: centre + half };
}

/** The mean over runs × tasks together of what is left when the lowest and highest quarters are cut off. */
export function interquartileMean(scores: ScoreMatrix): number {
  checkMatrix("scores", scores);
  const sorted = Float64Array.from(scores.flat()).sort();
  const cut = Math.floor(sorted.length / 4);
  return sum(sorted.subarray(cut, sorted.length - cut)) / (sorted.length - 2 * cut);
}

/** By how much scores fall short of `target` on average over runs × tasks; those above it count as it. */
export function optimalityGap(scores: ScoreMatrix, target = 1): number {
  checkMatrix("scores", scores);
  return target - mean(scores.flat().map((score) => Math.min(score, target)));
}

/**
 * How likely a run of `x` scores above a run of `y` on the same task, ties counting half, averaged over
 * tasks. The two may differ in runs but not in tasks.
 */
export function probabilityOfImprovement(x: ScoreMatrix, y: ScoreMatrix): number {
  checkMatrix("x", x);
  checkMatrix("y", y);
  checkSameLength("x[0]", x[0]!, "y[0]", y[0]!);
  return mean(
    x[0]!.map((_, task) => {
      const outcomes = x.flatMap((run) => y.map((other) => (Math.sign(run[task]! - other[task]!) + 1) / 2));
      return mean(outcomes);
    }),
  );
}

/** Throws one sentence where `matrix` has no runs, no tasks, runs of different lengths or a bad number. */
export function checkMatrix(name: string, matrix: ScoreMatrix): void {
  if (matrix.length === 0) throw new Error(`${name} is empty: at least one run is needed.`);
  for (const [run, scores] of matrix.entries()) {
    checkNumbers(`${name}[${run}]`, scores);
    checkSameLength(`${name}[0]`, matrix[0]!, `${name}[${run}]`, scores);
  }
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
