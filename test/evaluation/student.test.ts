import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { normalBelow, studentAbove } from "../../src/evaluation/distributions.ts";
import { tInterval } from "../../src/evaluation/statistics.ts";
import { intervalProbability, pAbove } from "../../src/evaluation/student.ts";

/** The reference values that fixtures/make_tests.py writes. */
const reference: {
  twoOneSided: [values: number[], margin: number, lower: number, upper: number, twoSided: number][];
  noncentral: [degrees: number, noncentrality: number, confidence: number, probability: number][];
  equivalence: [n: number, mean: number, sd: number, margin: number, confidence: number, power: number][];
} = JSON.parse(readFileSync(new URL("fixtures/tests.json", import.meta.url), "utf8"));

const negative = (values: readonly number[]) => values.map((value) => -value);

describe("pAbove", () => {
  test("equals statsmodels' two one-sided tests and scipy's two-sided one", () => {
    for (const [values, margin, lower, upper, twoSided] of reference.twoOneSided) {
      expect(pAbove(values, -margin)).toBeCloseTo(lower, 12);
      expect(pAbove(negative(values), -margin)).toBeCloseTo(upper, 12);
      expect(2 * Math.min(pAbove(values, 0), pAbove(negative(values), 0))).toBeCloseTo(twoSided, 12);
    }
  });

  test("is below a level exactly if the t interval of that level lies above the bound", () => {
    const values = [0.01, 0.03, 0.02, 0.05];
    const p = pAbove(values, 0);
    expect(tInterval(values, 1 - 2 * (p * 1.0001)).low).toBeGreaterThan(0);
    expect(tInterval(values, 1 - 2 * (p * 0.9999)).low).toBeLessThan(0);
  });

  test("of equal values is 0 above the bound and else 1", () => {
    expect([pAbove([2, 2], 1), pAbove([1, 1], 1), pAbove([0, 0], 1)]).toEqual([0, 1, 1]);
  });
});

test("tails of the normal and of Student's distribution add up and are certain far out", () => {
  for (const x of [0, 0.3, 2, 8, 40]) {
    expect(normalBelow(x) + normalBelow(-x)).toBeCloseTo(1, 14);
    expect(studentAbove(x, 4) + studentAbove(-x, 4)).toBeCloseTo(1, 14);
  }
  expect(normalBelow(1.959963984540054)).toBeCloseTo(0.975, 13);
  expect([normalBelow(40), normalBelow(-Infinity), studentAbove(Infinity, 3)]).toEqual([1, 0, 0]);
});

describe("intervalProbability", () => {
  test("with one bound equals scipy's noncentral t", () => {
    for (const [degrees, noncentrality, confidence, expected] of reference.noncentral) {
      const values = degrees + 1;
      const plan = { values, mean: noncentrality / Math.sqrt(values), sd: 1, confidence };
      expect(intervalProbability({ ...plan, above: 0 }), `${plan.mean} ${degrees}`).toBeCloseTo(expected, 7);
      expect(intervalProbability({ ...plan, mean: -plan.mean, below: 0 })).toBeCloseTo(expected, 7);
    }
  });

  test("with two bounds equals the power of two one-sided tests by another integration", () => {
    for (const [values, mean, sd, margin, confidence, power] of reference.equivalence)
      expect(
        intervalProbability({ values, mean, sd, confidence, above: -margin, below: margin }),
      ).toBeCloseTo(power, 7);
  });

  test("is certain without spread, and zero if no interval fits between the bounds", () => {
    const plan = { values: 5, mean: 0.01, confidence: 0.95, above: 0, below: 0.02 };
    expect(intervalProbability({ ...plan, sd: 0 })).toBe(1);
    expect(intervalProbability({ ...plan, sd: 0, mean: 0.02 })).toBe(0);
    expect(intervalProbability({ ...plan, sd: 100 })).toBeLessThan(1e-6);
  });

  test("names an invalid option", () => {
    const plan = { values: 5, mean: 0, sd: 1, confidence: 0.95 };
    expect(() => intervalProbability({ ...plan, values: 1 })).toThrow("values must be a whole number of at");
    expect(() => intervalProbability({ ...plan, sd: -1 })).toThrow("sd must be a number from 0, not -1.");
  });
});
