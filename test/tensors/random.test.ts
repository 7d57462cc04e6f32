import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mean } from "../../src/evaluation/statistics.ts";
import {
  categorical,
  integer,
  normal,
  permutation,
  randomStream,
  uniform,
} from "../../src/tensors/random.ts";

const draws = (count: number, draw: () => number) => Array.from({ length: count }, draw);

describe("random streams", () => {
  test("repeat for the same seed and path, and differ for any other", () => {
    const first = (seed: number, ...path: (string | number)[]) =>
      draws(4, () => randomStream(seed, ...path).next());
    expect(first(1, "a", 2)).toEqual(first(1, "a", 2));
    const others = [first(2, "a", 2), first(1, "a", 3), first(1, "a2"), first(1, "a", "2"), first(1, "a", 2)];
    expect(new Set(others.map(String)).size).toBe(5);
  });

  test("give permutations, and integers below their bound", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 200 }), (seed, length) => {
        const stream = randomStream(seed, "law");
        expect(permutation(stream, length).sort((a, b) => a - b)).toEqual([...Array(length).keys()]);
        const drawn = integer(stream, length);
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < length).toBe(true);
      }),
    );
  });

  test("have the moments of their distributions", () => {
    const stream = randomStream(5, "moments");
    const flat = draws(20_000, () => uniform(stream));
    expect(mean(flat)).toBeCloseTo(0.5, 1);
    expect(Math.min(...flat)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...flat)).toBeLessThan(1);
    const bell = draws(20_000, () => normal(stream));
    expect(Math.abs(mean(bell))).toBeLessThan(0.03);
    expect(mean(bell.map((value) => value ** 2))).toBeCloseTo(1, 1);
    expect(mean(bell.map((value) => value ** 4))).toBeCloseTo(3, 0);
  });

  test("draw from softmax without overflow for large logits", () => {
    const stream = randomStream(5, "categorical");
    for (const shift of [0, 5000]) {
      const logits = [-Infinity, 0, Math.log(3), -Infinity].map((logit) => logit + shift);
      const drawn = draws(8000, () => categorical(stream, logits));
      expect(new Set(drawn)).toEqual(new Set([1, 2]));
      expect(Math.abs(mean(drawn) - 1.75)).toBeLessThan(0.02);
    }
  });
});
