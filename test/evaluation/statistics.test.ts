import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mean, sampleSd, tInterval, wilson } from "../../src/evaluation/statistics.ts";
import { reference } from "./reference.ts";

describe("wilson", () => {
  test("equals statsmodels', with half, no and all wins", () => {
    for (const [wins, trials, confidence, low, high] of reference.wilson) {
      const interval = wilson(wins, trials, confidence);
      expect(interval.mean).toBe(wins / trials);
      expect(interval.low, `${wins} of ${trials}`).toBeCloseTo(low, 12);
      expect(interval.high, `${wins} of ${trials}`).toBeCloseTo(high, 12);
    }
  });

  test("contains the proportion, lies within [0, 1], and mirrors when wins become losses", () => {
    const cases = fc.integer({ min: 1, max: 2000 }).chain((trials) =>
      fc.tuple(
        fc.integer({ min: 0, max: 2 * trials }).map((half) => half / 2),
        fc.constant(trials),
      ),
    );
    fc.assert(
      fc.property(cases, ([wins, trials]) => {
        const interval = wilson(wins, trials);
        const mirrored = wilson(trials - wins, trials);
        expect(interval.low).toBeGreaterThanOrEqual(0);
        expect(interval.high).toBeLessThanOrEqual(1);
        expect(interval.low - interval.mean).toBeLessThan(1e-12);
        expect(interval.mean - interval.high).toBeLessThan(1e-12);
        expect(mirrored.low).toBeCloseTo(1 - interval.high, 12);
      }),
    );
  });

  test("throws on invalid input and names it", () => {
    expect(() => wilson(3, 2)).toThrow("wins must lie between 0 and the 2 trials, not 3.");
    expect(() => wilson(Number.NaN, 2)).toThrow("not NaN");
    expect(() => wilson(0, 0)).toThrow("trials must be a whole number of at least 1, not 0.");
    expect(() => wilson(1, 2, 1)).toThrow("confidence must lie between 0 and 1");
  });
});

describe("mean, sampleSd and tInterval", () => {
  test("equal scipy's", () => {
    for (const [values, confidence, centre, sd, low, high] of reference.tInterval) {
      const interval = tInterval(values, confidence);
      expect(interval.mean).toBeCloseTo(centre, 12);
      expect(sampleSd(values)).toBeCloseTo(sd, 12);
      expect(interval.low).toBeCloseTo(low, 10);
      expect(interval.high).toBeCloseTo(high, 10);
    }
  });

  test("throw on empty, non-finite or too few values", () => {
    expect(() => mean([])).toThrow("values is empty: at least one number is needed.");
    expect(() => mean([1, Number.NaN])).toThrow("values[1] must be a finite number, not NaN.");
    expect(() => sampleSd([1])).toThrow("at least two values");
    expect(() => tInterval([1])).toThrow("run more seeds");
  });
});
