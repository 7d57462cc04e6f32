import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  entropy,
  expectation,
  klDivergence,
  largestDifference,
  logSoftmax,
  logSumExp,
  totalVariation,
} from "../../src/theory/distributions.ts";
import { numbers } from "./arbitraries.ts";
import { reference } from "./reference.ts";

const logs = (p: readonly number[]) => p.map(Math.log);

describe("entropy and divergence", () => {
  test("equal scipy's", () => {
    for (const { p, q, kl, entropy: h } of reference.divergences) {
      expect(klDivergence(logs(p), logs(q))).toBeCloseTo(kl, 12);
      expect(entropy(logs(p))).toBeCloseTo(h, 12);
    }
  });

  test("skip impossible outcomes; the divergence is infinite if q excludes a possible one", () => {
    expect(entropy(logs([1, 0]))).toBeCloseTo(0, 15);
    expect(klDivergence(logs([1, 0]), logs([0.5, 0.5]))).toBeCloseTo(Math.LN2, 15);
    expect(klDivergence(logs([0.5, 0.5]), logs([1, 0]))).toBe(Infinity);
    expect(expectation(logs([1, 0]), [3, Infinity])).toBe(3);
  });

  test("the divergence of a distribution from itself is zero, and bounds the total variation (Pinsker)", () => {
    fc.assert(
      fc.property(numbers(5), numbers(5), (a, b) => {
        const [p, q] = [logSoftmax(a), logSoftmax(b)];
        expect(klDivergence(p, p)).toBe(0);
        expect(klDivergence(p, q)).toBeGreaterThanOrEqual(2 * totalVariation(p, q) ** 2 - 1e-12);
        expect(totalVariation(p, q)).toBeGreaterThanOrEqual(largestDifference(p, q) - 1e-15);
      }),
    );
  });
});

test("logSumExp does not overflow, and accepts −Infinity", () => {
  expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.LN2, 12);
  expect(logSumExp([-Infinity, 0])).toBe(0);
  expect(logSumExp([-Infinity, -Infinity])).toBe(-Infinity);
});

test("lists of different lengths throw an error that names them", () => {
  expect(() => klDivergence([0], [0, 0])).toThrow("p and q must have the same length");
  expect(() => expectation([0], [])).toThrow("The distribution and the values");
});
