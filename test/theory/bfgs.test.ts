import { describe, expect, test } from "vitest";
import { minimize } from "../../src/theory/bfgs.ts";
import { expectNear } from "./arbitraries.ts";

const rosenbrock = (x: readonly number[]) => {
  const gradient = x.map(() => 0);
  let value = 0;
  for (let at = 0; at + 1 < x.length; at++) {
    const [a, b] = [x[at]!, x[at + 1]!];
    value += 100 * (b - a * a) ** 2 + (1 - a) ** 2;
    gradient[at]! += -400 * a * (b - a * a) - 2 * (1 - a);
    gradient[at + 1]! += 200 * (b - a * a);
  }
  return { value, gradient };
};

describe("minimise", () => {
  test.each([2, 3, 8])("finds the minimum of Rosenbrock's function in %d dimensions", (dimensions) => {
    const start = Array.from({ length: dimensions }, (_, at) => (at % 2 === 0 ? -1.2 : 1));
    const { at, value, steps } = minimize(rosenbrock, start);
    expectNear(at, new Array(dimensions).fill(1), 1e-9);
    expect(value).toBeLessThan(1e-18);
    expect(steps).toBeLessThan(300);
  });

  test("reaches the tolerance although the value changes by less than rounding", () => {
    const parabola = ([x = NaN]: readonly number[]) => ({
      value: 1e6 + (x - 3) ** 2,
      gradient: [2 * (x - 3)],
    });
    expect(minimize(parabola, [0]).at[0]).toBeCloseTo(3, 11);
  });

  test("does not move along flat directions", () => {
    const valley = ([x = NaN, y = NaN]: readonly number[]) => {
      const slope = 2 * (x - y - 1);
      return { value: (x - y - 1) ** 2, gradient: [slope, -slope, 0] };
    };
    const { at } = minimize(valley, [5, 5, 7]);
    expectNear(at, [5.5, 4.5, 7], 1e-10);
  });

  test("throws if the minimum is at infinity", () => {
    const falling = ([x = NaN]: readonly number[]) => ({ value: Math.exp(-x), gradient: [-Math.exp(-x)] });
    expect(() => minimize(falling, [0], { steps: 5 })).toThrow(
      /^The minimum was not reached: the gradient is still/,
    );
  });

  test("does not move from a minimum", () => {
    expect(minimize(rosenbrock, [1, 1])).toMatchObject({ at: [1, 1], steps: 0 });
  });
});
