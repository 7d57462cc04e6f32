import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fastestRunner,
  median,
  medianSeconds,
  quantile,
  relativeDifference,
  relativeTime,
} from "./statistics.mjs";

const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
const blocksOf = (seconds: number[], steps = 1) =>
  seconds.map((one) => ({ steps, seconds: one, cores: 1, foreign: 0 }));

describe("quantile", () => {
  test("interpolates linearly between the sorted numbers", () => {
    expect(quantile([3, 1, 2], 0)).toBe(1);
    expect(quantile([3, 1, 2], 1)).toBe(3);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1])).toBe(2.5);
    expect(quantile([0, 10, 20, 30, 40], 0.9)).toBeCloseTo(36, 12);
    expect(median([7])).toBe(7);
  });

  test("does not depend on the order, and does not decrease", () => {
    fc.assert(
      fc.property(fc.array(positive, { minLength: 1 }), fc.nat(100), fc.nat(100), (numbers, a, b) => {
        const [low, high] = [Math.min(a, b) / 100, Math.max(a, b) / 100];
        expect(quantile([...numbers].reverse(), low)).toBe(quantile(numbers, low));
        expect(quantile(numbers, low)).toBeLessThanOrEqual(quantile(numbers, high) * (1 + 1e-12));
      }),
    );
  });
});

describe("relativeTime", () => {
  test("is computed within each round, so that slowdowns of both cancel", () => {
    fc.assert(
      fc.property(fc.array(positive, { minLength: 1, maxLength: 9 }), positive, (slowness, times) => {
        const found = relativeTime(blocksOf(slowness.map((slow) => times * slow)), blocksOf(slowness));
        for (const value of Object.values(found)) expect(value / times).toBeCloseTo(1, 9);
      }),
    );
  });

  test("is per step, and one slow round does not move the median", () => {
    const found = relativeTime(blocksOf([4, 4, 400, 4, 4], 4), blocksOf([2, 2, 2, 2, 2]));
    expect(found.median).toBe(0.5);
    expect(found.high).toBe(0.5);
    expect(relativeTime(blocksOf([1, 2, 3, 4, 5]), blocksOf([1, 1, 1, 1, 1]))).toEqual({
      median: 3,
      low: 2,
      high: 4,
    });
  });
});

test("the fastest runner is found within the rounds, by time per step", () => {
  const blocks = { a: blocksOf([8, 2, 16]), b: blocksOf([14, 3, 40], 2), c: blocksOf([1, 1, 1]) };
  expect(medianSeconds(blocks.b)).toBe(7);
  expect(fastestRunner(blocks, ["a", "b"])).toBe("b");
  expect(fastestRunner(blocks, ["b", "a"])).toBe("b");
  expect(fastestRunner(blocks, ["a"])).toBe("a");
});

test("the relative difference is the largest one, and infinite if the lengths differ", () => {
  expect(relativeDifference([1, 2.02, 3], [1, 2, 3])).toBeCloseTo(0.01, 12);
  expect(relativeDifference([-1], [-2])).toBe(0.5);
  expect(relativeDifference([1], [1, 2])).toBe(Number.POSITIVE_INFINITY);
});
