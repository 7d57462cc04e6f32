import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { meanProbability, pairwiseAccuracy } from "../../src/evaluation/verification.ts";

const differences = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1 });

describe("pairwiseAccuracy", () => {
  test("counts agreement in sign, scorer ties as half, and skips gold ties", () => {
    expect(pairwiseAccuracy([2, -1, 0, 5, -3], [0.1, 1, -1, 0, -9])).toBe(2.5 / 4);
  });

  test("is 1 for gold itself, 0 for its negation and ½ for a scorer that ties all", () => {
    fc.assert(
      fc.property(
        differences.filter((gold) => gold.some((difference) => difference !== 0)),
        (gold) => {
          expect(pairwiseAccuracy(gold, gold)).toBe(1);
          const opposite = gold.map((difference) => -difference);
          expect(pairwiseAccuracy(opposite, gold)).toBe(0);
          expect(pairwiseAccuracy(Array(gold.length).fill(0), gold)).toBe(0.5);
        },
      ),
    );
  });

  test("throws on invalid input and names it", () => {
    expect(() => pairwiseAccuracy([1, 2], [0, 0])).toThrow("needs a pair that gold does not tie");
    expect(() => pairwiseAccuracy([1, 2], [1])).toThrow(
      "scorerDifferences and goldDifferences must have the same length",
    );
    expect(() => pairwiseAccuracy([Number.NaN], [1])).toThrow("scorerDifferences[0] must be a finite number");
  });
});

describe("meanProbability", () => {
  test("averages probabilities, not log-likelihoods", () => {
    expect(meanProbability([Math.log(3), Math.log(1 / 3)])).toBeCloseTo(0.5, 12);
    expect(meanProbability([Math.log(3), Math.log(9)])).toBeCloseTo((0.75 + 0.9) / 2, 12);
  });

  test("is complementary under negation, and does not overflow", () => {
    fc.assert(
      fc.property(differences, (values) => {
        expect(meanProbability(values) + meanProbability(values.map((value) => -value))).toBeCloseTo(1, 12);
      }),
    );
    expect(meanProbability([1000, -1000])).toBe(0.5);
  });

  test("throws on an empty list", () => {
    expect(() => meanProbability([])).toThrow("differences is empty");
  });
});
