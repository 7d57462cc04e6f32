/** A function's value and gradient at one point. */
export interface ValueAndGradient {
  readonly value: number;
  readonly gradient: readonly number[];
}

export interface Minimum {
  readonly at: readonly number[];
  readonly value: number;
  /** Steps taken. */
  readonly steps: number;
}

export interface MinimiseOptions {
  /** The largest component of the gradient that counts as zero. */
  readonly tolerance?: number;
  /** The most steps. */
  readonly steps?: number;
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, at) => sum + x * b[at]!, 0);
const largest = (values: readonly number[]) => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/**
 * A local minimum of a smooth function by BFGS with a bisection for the weak Wolfe conditions (Nocedal and Wright,
 * Numerical Optimization, ch. 6; Lewis and Overton 2013), down to rounding: the global one where the function is
 * convex. Directions in which the gradient is always zero are never taken. Throws where the gradient has not
 * vanished after the last step, as when the minimum lies at infinity.
 */
export function minimise(
  f: (x: readonly number[]) => ValueAndGradient,
  start: readonly number[],
  { tolerance = 1e-13, steps = 5000 }: MinimiseOptions = {},
): Minimum {
  let at = start;
  let here = f(at);
  let inverse: number[][] | undefined;
  for (let step = 0; step < steps; step++) {
    const { gradient, value } = here;
    if (largest(gradient) <= tolerance) return { at, value, steps: step };
    const direction = inverse?.map((row) => -dot(row, gradient)) ?? descent(gradient);
    const next = lineSearch(f, at, here, direction);
    if (next === undefined) {
      if (inverse === undefined) break;
      inverse = undefined;
      continue;
    }
    const moved = next.at.map((x, index) => x - at[index]!);
    const turned = next.here.gradient.map((slope, index) => slope - gradient[index]!);
    inverse = updated(inverse, moved, turned);
    at = next.at;
    here = next.here;
  }
  throw new Error(
    `The minimum was not reached: the gradient is still ${largest(here.gradient).toExponential(1)}, not ` +
      `${tolerance.toExponential(0)}; check that the function has a minimum, or allow more steps.`,
  );
}

/** Down the gradient, at most one unit far. */
function descent(gradient: readonly number[]): number[] {
  const length = Math.max(1, Math.sqrt(dot(gradient, gradient)));
  return gradient.map((slope) => -slope / length);
}

interface Found {
  readonly at: readonly number[];
  readonly here: ValueAndGradient;
}

/**
 * A step that lowers the value and flattens the slope; undefined where there is none. Where the value changes by no
 * more than rounding, the slope alone decides (Hager and Zhang 2005).
 */
function lineSearch(
  f: (x: readonly number[]) => ValueAndGradient,
  at: readonly number[],
  here: ValueAndGradient,
  direction: readonly number[],
): Found | undefined {
  const slope = dot(here.gradient, direction);
  if (!(slope < 0)) return undefined;
  const rounding = 1000 * Number.EPSILON * Math.max(1, Math.abs(here.value));
  let [low, high, size] = [0, Infinity, 1];
  for (let trial = 0; trial < 60; trial++) {
    const to = at.map((x, index) => x + size * direction[index]!);
    const there = f(to);
    const slopeThere = dot(there.gradient, direction);
    const falls =
      there.value <= here.value + 1e-4 * size * slope ||
      (there.value <= here.value + rounding && slopeThere <= -0.8 * slope);
    if (!falls) high = size;
    else if (slopeThere < 0.9 * slope) low = size;
    else return { at: to, here: there };
    size = high < Infinity ? (low + high) / 2 : 2 * low;
  }
  return undefined;
}

/** The BFGS update of the inverse Hessian, which starts as a multiple of the identity. */
function updated(
  inverse: readonly (readonly number[])[] | undefined,
  moved: readonly number[],
  turned: readonly number[],
): number[][] | undefined {
  const curvature = dot(moved, turned);
  if (!(curvature > 0)) return inverse as number[][] | undefined;
  const scale = curvature / dot(turned, turned);
  const base = inverse ?? moved.map((_, i) => moved.map((__, j) => (i === j ? scale : 0)));
  const image = base.map((row) => dot(row, turned));
  const stretch = (1 + dot(turned, image) / curvature) / curvature;
  return base.map((row, i) =>
    row.map(
      (entry, j) =>
        entry + stretch * moved[i]! * moved[j]! - (image[i]! * moved[j]! + moved[i]! * image[j]!) / curvature,
    ),
  );
}
