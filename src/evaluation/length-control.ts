import { checkNumbers, checkSameLength } from "./checks.ts";
import { normalCriticalValue } from "./distributions.ts";
import { type Interval, mean, sampleSd } from "./statistics.ts";

/** A logistic regression of outcomes on the difference in length. */
export interface LengthControl {
  /** The win rate that the regression predicts for completions as long as their references. */
  readonly winRate: Interval;
  /** The log-odds of a win that go with tanh(standardised difference in length) = 1; above 0 if longer wins. */
  readonly effect: Interval;
}

/**
 * The length-controlled win rate of AlpacaEval 2 (Dubois et al. 2024, arXiv 2404.04475) without its terms for the
 * difficulty of prompts, which need many policies on the same prompts: σ(θ) where P(win) = σ(θ + φ tanh(d / sd(d))) is
 * fitted by maximum likelihood, without a penalty. `outcomes` run from 0 to 1; `lengthDifferences` are d, the length of
 * the completion less that of its reference. The intervals are Wald's on the scale of log-odds, with the errors of the
 * heteroscedasticity-robust covariance HC0, since a tie is not a Bernoulli outcome. Returns the reason, as the end of a
 * sentence, if the likelihood has no finite maximum.
 */
export function lengthControl(
  outcomes: readonly number[],
  lengthDifferences: readonly number[],
  confidence = 0.95,
): LengthControl | string {
  checkNumbers("outcomes", outcomes);
  checkNumbers("lengthDifferences", lengthDifferences);
  checkSameLength("outcomes", outcomes, "lengthDifferences", lengthDifferences);
  const outside = outcomes.find((outcome) => outcome < 0 || outcome > 1);
  if (outside !== undefined) throw new Error(`outcomes must lie between 0 and 1, not be ${outside}.`);
  const z = normalCriticalValue(confidence);
  const sd = outcomes.length < 2 ? 0 : sampleSd(lengthDifferences);
  if (sd === 0) return "all differences in length are equal";
  const x = lengthDifferences.map((difference) => Math.tanh(difference / sd));
  const problem = separation(outcomes, x);
  if (problem !== undefined) return problem;
  const { intercept, slope } = fit(outcomes, x);
  const [interceptError, slopeError] = robustErrors(outcomes, x, intercept, slope);
  return {
    winRate: {
      mean: sigmoid(intercept),
      low: sigmoid(intercept - z * interceptError),
      high: sigmoid(intercept + z * interceptError),
    },
    effect: { mean: slope, low: slope - z * slopeError, high: slope + z * slopeError },
  };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
/** log σ(x) */
const logSigmoid = (x: number) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));

/** Why the likelihood has no finite maximum (Albert and Anderson 1984, for one regressor); undefined if it has one. */
function separation(outcomes: readonly number[], x: readonly number[]): string | undefined {
  const withSome = x.filter((_, at) => outcomes[at]! > 0);
  const withLess = x.filter((_, at) => outcomes[at]! < 1);
  if (withLess.length === 0) return "every completion won";
  if (withSome.length === 0) return "every completion lost";
  const [low, high] = [Math.min(...withSome), Math.max(...withSome)];
  if (low >= Math.max(...withLess) || high <= Math.min(...withLess))
    return "lengths alone separate wins from losses";
  return undefined;
}

const MOST_STEPS = 100;

/** θ and φ by Newton's method, whose steps are halved while they lower the likelihood, which is concave. */
function fit(outcomes: readonly number[], x: readonly number[]): { intercept: number; slope: number } {
  const logLikelihood = (a: number, b: number) =>
    outcomes.reduce((sum, outcome, at) => {
      const logit = a + b * x[at]!;
      return sum + outcome * logSigmoid(logit) + (1 - outcome) * logSigmoid(-logit);
    }, 0);
  const share = mean(outcomes);
  let [intercept, slope] = [Math.log(share / (1 - share)), 0];
  let reached = logLikelihood(intercept, slope);
  for (let step = 0; step < MOST_STEPS; step++) {
    const p = x.map((each) => sigmoid(intercept + slope * each));
    const residuals = outcomes.map((outcome, at) => outcome - p[at]!);
    const gradient = [total(residuals), total(residuals.map((each, at) => each * x[at]!))] as const;
    const [da, db] = times(inverse(information(p, x)), gradient);
    let size = 1;
    let next = logLikelihood(intercept + da, slope + db);
    while (next < reached && size > 1e-10) {
      size /= 2;
      next = logLikelihood(intercept + size * da, slope + size * db);
    }
    if (next < reached) break;
    intercept += size * da;
    slope += size * db;
    reached = next;
    if (Math.hypot(da, db) < 1e-12 * (1 + Math.hypot(intercept, slope))) break;
  }
  return { intercept, slope };
}

/** Standard errors of θ and φ from the covariance HC0, (X'WX)⁻¹ X'diag(residual²)X (X'WX)⁻¹. */
function robustErrors(
  outcomes: readonly number[],
  x: readonly number[],
  intercept: number,
  slope: number,
): [number, number] {
  const p = x.map((each) => sigmoid(intercept + slope * each));
  const bread = inverse(information(p, x));
  const squares = outcomes.map((outcome, at) => (outcome - p[at]!) ** 2);
  const meat = moments(squares, x);
  const variance = (row: Pair): number => {
    const [a, b] = times(meat, row);
    return Math.max(0, row[0] * a + row[1] * b);
  };
  const [first, off, second] = bread;
  return [Math.sqrt(variance([first, off])), Math.sqrt(variance([off, second]))];
}

type Pair = readonly [number, number];
/** A symmetric matrix of two rows: its first element, the one off the diagonal, and its last. */
type Symmetric = readonly [number, number, number];

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** Sums of weights, of weights times x, and of weights times x². */
const moments = (weights: readonly number[], x: readonly number[]): Symmetric => [
  total(weights),
  total(weights.map((weight, at) => weight * x[at]!)),
  total(weights.map((weight, at) => weight * x[at]! ** 2)),
];

const information = (p: readonly number[], x: readonly number[]) =>
  moments(
    p.map((each) => each * (1 - each)),
    x,
  );

function inverse([first, off, second]: Symmetric): Symmetric {
  const determinant = first * second - off * off;
  return [second / determinant, -off / determinant, first / determinant];
}

const times = ([first, off, second]: Symmetric, [a, b]: Pair): Pair => [
  first * a + off * b,
  off * a + second * b,
];
