import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { lengthControl } from "../../src/evaluation/length-control.ts";

/** What fixtures/make_length_control.py writes. */
interface Case {
  readonly outcomes: number[];
  readonly differences: number[];
  /** [confidence, win rate, low, high, effect, low, high] by statsmodels. */
  readonly intervals: number[][];
  /** θ and φ by scikit-learn. */
  readonly "scikit-learn": [number, number];
}

const cases: Case[] = JSON.parse(
  readFileSync(new URL("fixtures/length-control.json", import.meta.url), "utf8"),
);

describe("lengthControl", () => {
  test.each(cases)("gives the estimates and robust intervals of statsmodels (case %#)", (one) => {
    for (const [confidence, ...expected] of one.intervals) {
      const found = lengthControl(one.outcomes, one.differences, confidence);
      if (typeof found === "string") throw new Error(found);
      const { winRate, effect } = found;
      const values = [winRate.mean, winRate.low, winRate.high, effect.mean, effect.low, effect.high];
      values.forEach((value, at) => {
        expect(value).toBeCloseTo(expected[at]!, 9);
      });
    }
  });

  test.each(cases)("gives the coefficients of scikit-learn on doubled rows (case %#)", (one) => {
    const found = lengthControl(one.outcomes, one.differences);
    if (typeof found === "string") throw new Error(found);
    const [theta, phi] = one["scikit-learn"];
    expect(Math.log(found.winRate.mean / (1 - found.winRate.mean))).toBeCloseTo(theta, 4);
    expect(found.effect.mean).toBeCloseTo(phi, 4);
  });

  test("is the plain win rate where length explains nothing, and below it where longer completions win", () => {
    const same = lengthControl([1, 0, 1, 0, 1, 1, 1, 1], [5, 5, -5, -5, 3, 3, -3, -3]);
    expect(same).toMatchObject({
      winRate: { mean: expect.closeTo(0.75, 9) },
      effect: { mean: expect.closeTo(0) },
    });
    const longer = lengthControl([1, 1, 1, 0, 1, 0, 0, 1], [90, 80, 70, 60, 50, 5, 1, 2]);
    if (typeof longer === "string") throw new Error(longer);
    expect(longer.winRate.mean).toBeLessThan(0.5);
    expect(longer.effect.mean).toBeGreaterThan(0);
  });

  test("says why there is no fit", () => {
    expect(lengthControl([1, 1, 1], [1, 2, 3])).toBe("every completion won");
    expect(lengthControl([0, 0, 0], [1, 2, 3])).toBe("every completion lost");
    expect(lengthControl([1, 0, 1], [7, 7, 7])).toBe("all differences in length are equal");
    expect(lengthControl([1], [7])).toBe("all differences in length are equal");
    expect(lengthControl([0, 0, 1, 1], [1, 2, 3, 4])).toBe("lengths alone separate wins from losses");
    expect(lengthControl([1, 0.5, 0], [1, 2, 3])).toBe("lengths alone separate wins from losses");
    expect(lengthControl([0.5, 0.5, 0], [1, 2, 3])).not.toBeTypeOf("string");
    expect(lengthControl([0.5, 0.5, 0.5], [1, 2, 3])).toMatchObject({ winRate: { mean: 0.5 } });
  });

  test("throws on invalid input and names it", () => {
    expect(() => lengthControl([], [])).toThrow("outcomes is empty");
    expect(() => lengthControl([1], [1, 2])).toThrow("must have the same length");
    expect(() => lengthControl([1.5, 0], [1, 2])).toThrow("outcomes must lie between 0 and 1, not be 1.5.");
  });
});
