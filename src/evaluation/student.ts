import { checkConfidence, checkWhole } from "./checks.ts";
import { normalBelow, studentAbove, studentCriticalValue } from "./distributions.ts";
import { mean, sampleSd } from "./statistics.ts";

/**
 * The p-value of Student's one-sided t test that the mean of normal values lies above `bound`. Equal values lie above it
 * with certainty or not at all. Throws if there are fewer than two values.
 */
export function pAbove(values: readonly number[], bound: number): number {
  const [centre, sd] = [mean(values), sampleSd(values)];
  if (sd === 0) return Number(centre <= bound);
  return studentAbove((Math.sqrt(values.length) * (centre - bound)) / sd, values.length - 1);
}

/** Normal values with a known mean and standard deviation, the t interval taken of them, and where it is to lie. */
export interface IntervalPlan {
  /** How many values there are. */
  readonly values: number;
  readonly mean: number;
  readonly sd: number;
  readonly confidence: number;
  /** The whole interval is to lie above this; default no bound. */
  readonly above?: number;
  /** The whole interval is to lie below this; default no bound. */
  readonly below?: number;
}

/**
 * The probability that Student's t interval of the mean lies between two bounds: with one bound a probability of the
 * noncentral t distribution, with two the power of two one-sided tests (Owen 1965). Integrates over the ratio u of the
 * sample's standard deviation to `sd`, whose square is chi-squared over its degrees of freedom.
 */
export function intervalProbability(plan: IntervalPlan): number {
  const { values, mean: centre, sd, confidence, above = -Infinity, below = Infinity } = plan;
  checkWhole("values", values, 2);
  checkConfidence(confidence);
  if (!(sd >= 0)) throw new Error(`sd must be a number from 0, not ${sd}.`);
  if (sd === 0) return Number(centre > above && centre < below);
  const degrees = values - 1;
  const error = sd / Math.sqrt(values);
  const critical = studentCriticalValue(confidence, degrees);
  const density = (u: number) => u ** (degrees - 1) * Math.exp((-degrees * (u * u - 1)) / 2);
  const between = (u: number) =>
    normalBelow((below - centre) / error - critical * u) -
    normalBelow((above - centre) / error + critical * u);
  // Ten standard deviations of u; above `widest` the interval is longer than the room between the bounds.
  const spread = 10 / Math.sqrt(2 * degrees);
  const [from, to] = [Math.max(0, 1 - spread), 1 + spread];
  const widest = (below - above) / (2 * critical * error);
  if (widest <= from) return 0;
  const within = simpson((u) => density(u) * between(u), from, Math.min(to, widest));
  return Math.min(1, Math.max(0, within / simpson(density, from, to)));
}

/** The even number of equal parts in which Simpson's rule divides an interval. */
const PARTS = 4000;

/** The integral of a smooth function by Simpson's rule. */
function simpson(f: (x: number) => number, from: number, to: number): number {
  const step = (to - from) / PARTS;
  let sum = f(from) + f(to);
  for (let part = 1; part < PARTS; part++) sum += (part % 2 === 1 ? 4 : 2) * f(from + part * step);
  return (sum * step) / 3;
}
