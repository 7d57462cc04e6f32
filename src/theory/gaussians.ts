import { uniform } from "../tensors/random.ts";
import { expectation, klDivergence, logSoftmax } from "./distributions.ts";
import { type Instances, type Measures, overInstances } from "./instances.ts";
import { minimise } from "./minimise.ts";

/** One Gaussian over the ordered tokens 0 … n − 1, the same on all of them: a policy of one token. */
export interface Projection {
  readonly centre: number;
  readonly width: number;
  /** Its log-probabilities. */
  readonly logps: readonly number[];
  /** The divergence that was minimised, nats. */
  readonly divergence: number;
}

/** log-probabilities of n ordered tokens, proportional to exp(−(token − centre)² / 2 width²). */
export function gaussian(tokens: number, centre: number, width: number): number[] {
  return logSoftmax(Array.from({ length: tokens }, (_, token) => -(((token - centre) / width) ** 2) / 2));
}

/** A mixture of Gaussians over n ordered tokens, by log-probabilities. */
export function mixture(
  tokens: number,
  parts: readonly { readonly weight: number; readonly centre: number; readonly width: number }[],
): number[] {
  const each = parts.map(({ weight, centre, width }) => ({ weight, logps: gaussian(tokens, centre, width) }));
  return logSoftmax(
    Array.from({ length: tokens }, (_, token) =>
      Math.log(each.reduce((sum, { weight, logps }) => sum + weight * Math.exp(logps[token]!), 0)),
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
  const slopes = (logps: readonly number[]) =>
    logps.map((logp, at) => Math.exp(logp) - Math.exp(target[at]!));
  const value = (logps: readonly number[]) => klDivergence(target, logps);
  return projection(target.length, { value, slopes }, mean, Math.sqrt(variance));
}

/**
 * The Gaussian p that minimises KL(p ‖ target), as soft RL does with the reward log target: the best of the minima
 * found from each peak of the target and from its mean and variance.
 */
export function reverseProjection(target: readonly number[]): Projection {
  const value = (logps: readonly number[]) => klDivergence(logps, target);
  const slopes = (logps: readonly number[]) => {
    const divergence = value(logps);
    return logps.map((logp, at) => Math.exp(logp) * (logp - target[at]! - divergence));
  };
  const { mean, variance } = moments(target);
  const starts = [...peaks(target), { centre: mean, width: Math.sqrt(variance) }];
  const found = starts.map(({ centre, width }) =>
    projection(target.length, { value, slopes }, centre, width),
  );
  return found.reduce((best, other) => (other.divergence < best.divergence ? other : best));
}

/** Tokens more probable than both neighbours, with the width that their curvature would have in a Gaussian. */
function peaks(target: readonly number[]): { centre: number; width: number }[] {
  return target.flatMap((logp, token) => {
    const before = target[token - 1] ?? target[token + 1]!;
    const after = target[token + 1] ?? before;
    const curvature = 2 * logp - before - after;
    return logp > before && logp >= after ? [{ centre: token, width: 1 / Math.sqrt(curvature) }] : [];
  });
}

interface Divergence {
  readonly value: (logps: readonly number[]) => number;
  /** The gradient in the logits. */
  readonly slopes: (logps: readonly number[]) => number[];
}

/** A minimum of a divergence over centre and log width. */
function projection(
  tokens: number,
  { value, slopes }: Divergence,
  centre: number,
  width: number,
): Projection {
  const { at, value: divergence } = minimise(
    ([middle, logWidth]) => {
      const spread = Math.exp(logWidth!);
      const logps = gaussian(tokens, middle!, spread);
      let [byCentre, byWidth] = [0, 0];
      for (const [token, slope] of slopes(logps).entries()) {
        const distance = (token - middle!) / spread;
        byCentre += (slope * distance) / spread;
        byWidth += slope * distance ** 2;
      }
      return { value: value(logps), gradient: [byCentre, byWidth] };
    },
    [centre, Math.log(width)],
    { tolerance: 1e-10 },
  );
  const [middle, spread] = [at[0]!, Math.exp(at[1]!)];
  return { centre: middle, width: spread, logps: gaussian(tokens, middle, spread), divergence };
}

/** The probability of the tokens from `first` up to but not with `end`. */
export function massBetween(logps: readonly number[], first: number, end: number): number {
  return logps.slice(first, end).reduce((sum, logp) => sum + Math.exp(logp), 0);
}

/** Two modes over `tokens` ordered tokens, the greater one first. */
export interface TwoModes {
  readonly tokens: number;
  readonly weight: number;
  readonly centres: readonly [number, number];
  readonly width: number;
}

/** A target with two modes, by log-probabilities. */
export function twoModes({ tokens, weight, centres, width }: TwoModes): number[] {
  return mixture(tokens, [
    { weight, centre: centres[0], width },
    { weight: 1 - weight, centre: centres[1], width },
  ]);
}

/** The probability on the lesser mode's side of the middle between the modes. */
export function lesserSide({ centres, tokens }: TwoModes, logps: readonly number[]): number {
  const middle = Math.ceil((centres[0] + centres[1]) / 2);
  return centres[0] < centres[1] ? massBetween(logps, middle, tokens) : massBetween(logps, 0, middle);
}

/** Both projections of random targets with two modes: of 61 tokens, 18 to 24 apart, 2 to 3 wide. */
export function projectionMeasures(run: Instances): Measures {
  return overInstances("projections", run, (stream) => {
    const half = 9 + 3 * uniform(stream);
    const target: TwoModes = {
      tokens: 61,
      weight: 0.55 + 0.2 * uniform(stream),
      centres: uniform(stream) < 0.5 ? [30 - half, 30 + half] : [30 + half, 30 - half],
      width: 2 + uniform(stream),
    };
    const logps = twoModes(target);
    const forward = forwardProjection(logps).logps;
    const [wanted, found] = [moments(logps), moments(forward)];
    const off = (key: "mean" | "variance") => Math.abs(found[key] / wanted[key] - 1);
    return {
      "forward-moments": Math.max(off("mean"), off("variance")),
      "mode-covering": lesserSide(target, forward) / lesserSide(target, logps),
      "mode-seeking": lesserSide(target, reverseProjection(logps).logps),
    };
  });
}
