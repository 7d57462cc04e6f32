import { uniform } from "../tensors/random.ts";
import { minimize } from "./bfgs.ts";
import { expectation, klDivergence, logSoftmax } from "./distributions.ts";
import { type Measures, measureInstances, type RandomInstances } from "./random-instances.ts";

/** A Gaussian over the ordered tokens 0 … n − 1, found by minimising a divergence. */
export interface Projection {
  readonly centre: number;
  readonly width: number;
  /** Log-probabilities, [tokens]. */
  readonly logps: readonly number[];
  /** The minimised divergence, nats. */
  readonly divergence: number;
}

/** Log-probabilities of `tokens` ordered tokens, proportional to exp(−(token − centre)² / 2 width²). */
export function gaussian(tokens: number, centre: number, width: number): number[] {
  return logSoftmax(Array.from({ length: tokens }, (_, token) => -(((token - centre) / width) ** 2) / 2));
}

/** Log-probabilities of a mixture of Gaussians over `tokens` ordered tokens. */
export function mixture(
  tokens: number,
  parts: readonly { readonly weight: number; readonly centre: number; readonly width: number }[],
): number[] {
  const components = parts.map(({ weight, centre, width }) => ({
    weight,
    logps: gaussian(tokens, centre, width),
  }));
  return logSoftmax(
    Array.from({ length: tokens }, (_, token) =>
      Math.log(components.reduce((sum, { weight, logps }) => sum + weight * Math.exp(logps[token]!), 0)),
    ),
  );
}

/** Mean and variance of a distribution over ordered tokens. */
export function moments(logps: readonly number[]): { mean: number; variance: number } {
  const mean = expectation(logps, [...logps.keys()]);
  return {
    mean,
    variance: expectation(
      logps,
      logps.map((_, token) => (token - mean) ** 2),
    ),
  };
}

/** The Gaussian p that minimises KL(target ‖ p), as maximum likelihood does. */
export function forwardProjection(target: readonly number[]): Projection {
  const { mean, variance } = moments(target);
  const logitGradient = (logps: readonly number[]) =>
    logps.map((logp, at) => Math.exp(logp) - Math.exp(target[at]!));
  const value = (logps: readonly number[]) => klDivergence(target, logps);
  return minimizeDivergence(target.length, { value, logitGradient }, mean, Math.sqrt(variance));
}

/**
 * The Gaussian p that minimises KL(p ‖ target), as soft RL with the reward log target does: the best of the local minima
 * found from each mode of the target and from its mean and variance.
 */
export function reverseProjection(target: readonly number[]): Projection {
  const value = (logps: readonly number[]) => klDivergence(logps, target);
  const logitGradient = (logps: readonly number[]) => {
    const divergence = value(logps);
    return logps.map((logp, at) => Math.exp(logp) * (logp - target[at]! - divergence));
  };
  const { mean, variance } = moments(target);
  const starts = [...modes(target), { centre: mean, width: Math.sqrt(variance) }];
  const minima = starts.map(({ centre, width }) =>
    minimizeDivergence(target.length, { value, logitGradient }, centre, width),
  );
  return minima.reduce((best, other) => (other.divergence < best.divergence ? other : best));
}

/** Tokens more probable than both neighbours, with the width of a Gaussian of the same curvature. */
function modes(target: readonly number[]): { centre: number; width: number }[] {
  return target.flatMap((logp, token) => {
    // At the ends the only neighbour counts twice.
    const before = target[token - 1] ?? target[token + 1];
    const after = target[token + 1] ?? before;
    if (before === undefined || after === undefined) return [];
    const curvature = 2 * logp - before - after;
    return logp > before && logp >= after ? [{ centre: token, width: 1 / Math.sqrt(curvature) }] : [];
  });
}

interface Divergence {
  readonly value: (logps: readonly number[]) => number;
  /** The gradient with respect to the logits of p. */
  readonly logitGradient: (logps: readonly number[]) => number[];
}

/** A local minimum of a divergence over centre and log width, starting at `centre` and `width`. */
function minimizeDivergence(
  tokens: number,
  { value, logitGradient }: Divergence,
  centre: number,
  width: number,
): Projection {
  const { at, value: divergence } = minimize(
    (parameters) => {
      const found = centreAndWidth(parameters);
      const logps = gaussian(tokens, found.centre, found.width);
      let [byCentre, byLogWidth] = [0, 0];
      for (const [token, slope] of logitGradient(logps).entries()) {
        const distance = (token - found.centre) / found.width;
        byCentre += (slope * distance) / found.width;
        byLogWidth += slope * distance ** 2;
      }
      return { value: value(logps), gradient: [byCentre, byLogWidth] };
    },
    [centre, Math.log(width)],
    { tolerance: 1e-10 },
  );
  const minimum = centreAndWidth(at);
  return { ...minimum, logps: gaussian(tokens, minimum.centre, minimum.width), divergence };
}

function centreAndWidth([centre, logWidth]: readonly number[]): { centre: number; width: number } {
  if (centre === undefined || logWidth === undefined)
    throw new Error("A Gaussian has two parameters: its centre and the logarithm of its width.");
  return { centre, width: Math.exp(logWidth) };
}

/** The probability of the tokens from `first` (inclusive) to `end` (exclusive). */
export function probabilityBetween(logps: readonly number[], first: number, end: number): number {
  return logps.slice(first, end).reduce((sum, logp) => sum + Math.exp(logp), 0);
}

/** A mixture of two Gaussians over `tokens` ordered tokens. */
export interface TwoModes {
  readonly tokens: number;
  /** Weight of the first mode, which is the larger one. */
  readonly weight: number;
  readonly centres: readonly [number, number];
  readonly width: number;
}

/** Log-probabilities of a target with two modes. */
export function twoModes({ tokens, weight, centres, width }: TwoModes): number[] {
  return mixture(tokens, [
    { weight, centre: centres[0], width },
    { weight: 1 - weight, centre: centres[1], width },
  ]);
}

/** The probability of the tokens beyond the midpoint between the modes, on the side of the smaller mode. */
export function minorModeMass({ centres, tokens }: TwoModes, logps: readonly number[]): number {
  const middle = Math.ceil((centres[0] + centres[1]) / 2);
  return centres[0] < centres[1]
    ? probabilityBetween(logps, middle, tokens)
    : probabilityBetween(logps, 0, middle);
}

/** Both projections of random targets: 61 tokens, modes 18 to 24 apart and 2 to 3 wide. */
export function projectionMeasures(run: RandomInstances): Measures {
  return measureInstances("projections", run, (stream) => {
    const half = 9 + 3 * uniform(stream);
    const target: TwoModes = {
      tokens: 61,
      weight: 0.55 + 0.2 * uniform(stream),
      centres: uniform(stream) < 0.5 ? [30 - half, 30 + half] : [30 + half, 30 - half],
      width: 2 + uniform(stream),
    };
    const logps = twoModes(target);
    const forward = forwardProjection(logps).logps;
    const [targetMoments, forwardMoments] = [moments(logps), moments(forward)];
    const relativeError = (key: "mean" | "variance") =>
      Math.abs(forwardMoments[key] / targetMoments[key] - 1);
    return {
      "forward-moments": Math.max(relativeError("mean"), relativeError("variance")),
      "mode-covering": minorModeMass(target, forward) / minorModeMass(target, logps),
      "mode-seeking": minorModeMass(target, reverseProjection(logps).logps),
    };
  });
}
