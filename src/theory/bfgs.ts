/** A function's value and gradient at one point. */
export interface ValueAndGradient {
  readonly value: number;
  readonly gradient: readonly number[];
}

/** Where `minimize` ended. */
export interface Minimum {
  readonly at: readonly number[];
  readonly value: number;
  /** Number of steps taken. */
  readonly steps: number;
}

/** When `minimize` stops. */
export interface MinimizeOptions {
  /** Stop when no component of the gradient exceeds this, default 1e-13. */
  readonly tolerance?: number;
  /** Maximum number of steps, default 5000. */
  readonly steps?: number;
}

type Matrix = readonly (readonly number[])[];

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, at) => sum + x * b[at]!, 0);
const largest = (values: readonly number[]) => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/**
 * A local minimum of a smooth function, which is the global one if the function is convex. BFGS with a bisection for
 * the weak Wolfe conditions (Nocedal and Wright, Numerical Optimization, ch. 6; Lewis and Overton 2013), down to
 * rounding. Never moves along directions in which the gradient is always zero. Throws if the gradient has not vanished
 * after the last step, for example because the minimum is at infinity.
 */
export function minimize(
  f: (x: readonly number[]) => ValueAndGradient,
  start: readonly number[],
  { tolerance = 1e-13, steps = 5000 }: MinimizeOptions = {},
): Minimum {
  let at = start;
  let here = f(at);
  let inverseHessian: Matrix | undefined;
  for (let step = 0; step < steps; step++) {
    const { gradient, value } = here;
    if (largest(gradient) <= tolerance) return { at, value, steps: step };
    const direction = inverseHessian?.map((row) => -dot(row, gradient)) ?? steepestDescent(gradient);
    const next = lineSearch(f, at, here, direction);
    if (next === undefined) {
      if (inverseHessian === undefined) break;
      inverseHessian = undefined;
      continue;
    }
    const positionChange = next.at.map((x, index) => x - at[index]!);
    const gradientChange = next.here.gradient.map((slope, index) => slope - gradient[index]!);
    inverseHessian = bfgsUpdate(inverseHessian, positionChange, gradientChange);
    at = next.at;
    here = next.here;
  }
  throw new Error(
    `The minimum was not reached: the gradient is still ${largest(here.gradient).toExponential(1)}, not ` +
      `${tolerance.toExponential(0)}; check that the function has a minimum, or allow more steps.`,
  );
}

/** The negative gradient, scaled down to length 1 if it is longer. */
function steepestDescent(gradient: readonly number[]): number[] {
  const length = Math.max(1, Math.sqrt(dot(gradient, gradient)));
  return gradient.map((slope) => -slope / length);
}

interface Point {
  readonly at: readonly number[];
  readonly here: ValueAndGradient;
}

/**
 * A step that satisfies the weak Wolfe conditions, or undefined if none is found. If the value changes by no more than
 * rounding, the slope decides (approximate Wolfe condition, Hager and Zhang 2005).
 */
function lineSearch(
  f: (x: readonly number[]) => ValueAndGradient,
  at: readonly number[],
  here: ValueAndGradient,
  direction: readonly number[],
): Point | undefined {
  const slope = dot(here.gradient, direction);
  if (!(slope < 0)) return undefined;
  const rounding = 1000 * Number.EPSILON * Math.max(1, Math.abs(here.value));
  let [low, high, size] = [0, Infinity, 1];
  for (let trial = 0; trial < 60; trial++) {
    const to = at.map((x, index) => x + size * direction[index]!);
    const there = f(to);
    const slopeThere = dot(there.gradient, direction);
    const decreases =
      there.value <= here.value + 1e-4 * size * slope ||
      (there.value <= here.value + rounding && slopeThere <= -0.8 * slope);
    if (!decreases) high = size;
    else if (slopeThere < 0.9 * slope) low = size;
    else return { at: to, here: there };
    size = high < Infinity ? (low + high) / 2 : 2 * low;
  }
  return undefined;
}

/** The BFGS update of the inverse Hessian, which starts as a multiple of the identity. */
function bfgsUpdate(
  inverseHessian: Matrix | undefined,
  positionChange: readonly number[],
  gradientChange: readonly number[],
): Matrix | undefined {
  const s = positionChange;
  const curvature = dot(s, gradientChange);
  if (!(curvature > 0)) return inverseHessian;
  const scale = curvature / dot(gradientChange, gradientChange);
  const base = inverseHessian ?? s.map((_, i) => s.map((__, j) => (i === j ? scale : 0)));
  const image = base.map((row) => dot(row, gradientChange));
  const stretch = (1 + dot(gradientChange, image) / curvature) / curvature;
  return base.map((row, i) =>
    row.map(
      (entry, j) => entry + stretch * s[i]! * s[j]! - (image[i]! * s[j]! + s[i]! * image[j]!) / curvature,
    ),
  );
}
