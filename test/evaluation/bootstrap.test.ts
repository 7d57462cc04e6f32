import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pairedHierarchicalBootstrap } from "../../src/evaluation/bootstrap.ts";
import { mean } from "../../src/evaluation/statistics.ts";
import { normal, randomStream } from "../../src/tensors/random.ts";
import { reference } from "./reference.ts";

/** Monte Carlo tolerance in interval widths: four standard errors of an end at `draws`, including the reference's. */
const MONTE_CARLO = 0.02;
const draws = 20_000;

function expectEnds(actual: { low: number; high: number }, low: number, high: number): void {
  const tolerance = MONTE_CARLO * (high - low) + 1e-12;
  expect(Math.abs(actual.low - low), "lower end").toBeLessThanOrEqual(tolerance);
  expect(Math.abs(actual.high - high), "upper end").toBeLessThanOrEqual(tolerance);
}

describe("pairedHierarchicalBootstrap", () => {
  const simulated = (seeds: number, prompts: number, stream = randomStream(5, seeds, prompts)) =>
    Array.from({ length: seeds }, () => {
      const centre = 0.1 + 0.05 * normal(stream);
      return Array.from({ length: prompts }, () => centre + 0.5 * normal(stream));
    });
  const width = ({ low, high }: { low: number; high: number }) => high - low;

  test.each(reference.hierarchical)(
    "has the ends of a plain numpy loop, case %#",
    (differences, confidence, centre, low, high) => {
      const interval = pairedHierarchicalBootstrap(differences, { seed: 1, draws, confidence });
      expect(interval.mean).toBeCloseTo(centre, 12);
      expect(interval).toMatchObject({ draws, seeds: differences.length });
      expectEnds(interval, low, high);
    },
  );

  test("is deterministic given a seed, and contains the mean", () => {
    const differences = fc.array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(differences, fc.integer(), (values, seed) => {
        const interval = pairedHierarchicalBootstrap(values, { seed, draws: 400 });
        expect(pairedHierarchicalBootstrap(values, { seed, draws: 400 })).toEqual(interval);
        expect(interval.low - interval.mean).toBeLessThan(1e-12);
        expect(interval.mean - interval.high).toBeLessThan(1e-12);
      }),
      { numRuns: 50 },
    );
  });

  test("shifts with the differences, and mirrors with their sign", () => {
    const differences = simulated(5, 40);
    const interval = (change: (value: number) => number) =>
      pairedHierarchicalBootstrap(
        differences.map((prompts) => prompts.map(change)),
        { seed: 3, draws: 1000 },
      );
    const { mean: centre, low, high } = interval((value) => value);
    const shifted = interval((value) => value + 7);
    expect(shifted.mean).toBeCloseTo(centre + 7, 10);
    expect(shifted.low).toBeCloseTo(low + 7, 10);
    expect(shifted.high).toBeCloseTo(high + 7, 10);
    const turned = interval((value) => -value);
    expect(turned.low).toBeCloseTo(-high, 10);
    expect(turned.high).toBeCloseTo(-low, 10);
  });

  test("narrows with more seeds and more prompts, but not below the variance between seeds", () => {
    const at = (seeds: number, prompts: number) =>
      width(pairedHierarchicalBootstrap(simulated(seeds, prompts), { seed: 1, draws: 2000 }));
    expect(at(40, 50)).toBeLessThan(0.6 * at(8, 50));
    expect(at(8, 500)).toBeLessThan(0.8 * at(8, 50));
    expect(at(8, 2000)).toBeGreaterThan((2 * 1.96 * 0.05) / Math.sqrt(8) / 2);
  });

  test("covers the true difference at about its confidence level with 20 seeds", () => {
    const stream = randomStream(9, "coverage");
    const covered = Array.from({ length: 200 }, (_, seed) => {
      const { low, high } = pairedHierarchicalBootstrap(simulated(20, 20, stream), { seed, draws: 400 });
      return Number(low <= 0.1 && 0.1 <= high);
    });
    expect(mean(covered)).toBeGreaterThan(0.9);
    expect(mean(covered)).toBeLessThan(0.995);
  });

  test("weighs seeds equally, however many prompts they have", () => {
    const interval = pairedHierarchicalBootstrap([[1], Array(99).fill(0)], { seed: 1 });
    expect(interval).toMatchObject({ mean: 0.5, low: 0, high: 1 });
  });

  test("accepts one seed and reports it", () => {
    expect(pairedHierarchicalBootstrap([[0, 1, 1]], { seed: 1 }).seeds).toBe(1);
  });

  test("throws on empty or non-finite input and names it", () => {
    const run = (differences: number[][]) => pairedHierarchicalBootstrap(differences, { seed: 1 });
    expect(() => run([])).toThrow("differences is empty: at least one seed is needed.");
    expect(() => run([[1], []])).toThrow("differences[1] is empty");
    expect(() => run([[1], [0, Number.NaN]])).toThrow("differences[1][1] must be a finite number, not NaN.");
    expect(() => pairedHierarchicalBootstrap([[1]], { seed: 1, confidence: 95 })).toThrow(
      "confidence must lie",
    );
  });
});
