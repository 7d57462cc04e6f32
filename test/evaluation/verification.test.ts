import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meanProbability, pairwiseAccuracy } from "../../src/evaluation/verification.ts";

const differences = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1 });

describe("pairwiseAccuracy", () => {
  it("counts agreement in sign, the scorer's ties half and gold's not at all", () => {
    expect(pairwiseAccuracy([2, -1, 0, 5, -3], [0.1, 1, -1, 0, -9])).toBe(2.5 / 4);
  });

  it("is 1 for gold itself, 0 for its opposite and ½ for a scorer that never decides", () => {
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

  it("names what is at fault", () => {
    expect(() => pairwiseAccuracy([1, 2], [0, 0])).toThrow("needs a pair that gold does not tie");
    expect(() => pairwiseAccuracy([1, 2], [1])).toThrow(
      "scorerDifferences and goldDifferences must be of one length",
    );
    expect(() => pairwiseAccuracy([Number.NaN], [1])).toThrow("scorerDifferences[0] must be a finite number");
  });
});

describe("meanProbability", () => {
  it("is a mean probability, not the exponential of a mean log-likelihood", () => {
    expect(meanProbability([Math.log(3), Math.log(1 / 3)])).toBeCloseTo(0.5, 12);
    expect(meanProbability([Math.log(3), Math.log(9)])).toBeCloseTo((0.75 + 0.9) / 2, 12);
  });

  it("is complementary under a change of sign, and holds far from 0", () => {
    fc.assert(
      fc.property(differences, (values) => {
        expect(meanProbability(values) + meanProbability(values.map((value) => -value))).toBeCloseTo(1, 12);
      }),
    );
    expect(meanProbability([1000, -1000])).toBe(0.5);
  });

  it("refuses an empty list", () => {
    expect(() => meanProbability([])).toThrow("differences is empty");
  });
});
