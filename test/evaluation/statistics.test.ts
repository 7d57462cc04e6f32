import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  interquartileMean,
  mean,
  optimalityGap,
  probabilityOfImprovement,
  sampleSd,
  tInterval,
  wilson,
} from "../../src/evaluation/statistics.ts";
import { reference } from "./reference.ts";

describe("wilson", () => {
  it("equals statsmodels', with half wins, none and all", () => {
    for (const [wins, trials, confidence, low, high] of reference.wilson) {
      const interval = wilson(wins, trials, confidence);
      expect(interval.mean).toBe(wins / trials);
      expect(interval.low, `${wins} of ${trials}`).toBeCloseTo(low, 12);
      expect(interval.high, `${wins} of ${trials}`).toBeCloseTo(high, 12);
    }
  });

  it("holds the proportion, stays within 0 and 1, and mirrors when wins become losses", () => {
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

  it("says what is wrong with its numbers", () => {
    expect(() => wilson(3, 2)).toThrow("wins must lie between 0 and the 2 trials, not 3.");
    expect(() => wilson(Number.NaN, 2)).toThrow("not NaN");
    expect(() => wilson(0, 0)).toThrow("trials must be a whole number from 1, not 0.");
    expect(() => wilson(1, 2, 1)).toThrow("confidence must lie between 0 and 1");
  });
});

describe("mean, sampleSd and tInterval", () => {
  it("equal scipy's", () => {
    for (const [values, confidence, centre, sd, low, high] of reference.tInterval) {
      const interval = tInterval(values, confidence);
      expect(interval.mean).toBeCloseTo(centre, 12);
      expect(sampleSd(values)).toBeCloseTo(sd, 12);
      expect(interval.low).toBeCloseTo(low, 10);
      expect(interval.high).toBeCloseTo(high, 10);
    }
  });

  it("refuse what they cannot compute", () => {
    expect(() => mean([])).toThrow("values is empty: at least one number is needed.");
    expect(() => mean([1, Number.NaN])).toThrow("values[1] must be a finite number, not NaN.");
    expect(() => sampleSd([1])).toThrow("at least two values");
    expect(() => tInterval([1])).toThrow("run more seeds");
  });
});

describe("rliable's aggregates", () => {
  it.each(Object.entries(reference.aggregates))(
    "equal rliable on the matrix %s",
    (name, [iqm, gap, gapTo2]) => {
      const matrix = reference.matrices[name]!;
      expect(interquartileMean(matrix)).toBeCloseTo(iqm, 12);
      expect(optimalityGap(matrix)).toBeCloseTo(gap, 12);
      expect(optimalityGap(matrix, 2)).toBeCloseTo(gapTo2, 12);
    },
  );

  it.each(reference.improvement)("equal rliable on how likely %s improves on %s", (x, y, probability) => {
    const matrices = reference.matrices;
    expect(probabilityOfImprovement(matrices[x]!, matrices[y]!)).toBeCloseTo(probability, 12);
  });

  it("have the values that rliable's own test asserts", () => {
    const { x, y } = reference.matrices as { x: number[][]; y: number[][] };
    expect([interquartileMean(x), interquartileMean(y)]).toEqual([1.5, 2]);
    expect(probabilityOfImprovement(x, y)).toBeCloseTo(1 / 3, 12);
  });

  it("do not depend on the order of runs, and improvements are complementary", () => {
    const run = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 3, maxLength: 3 });
    const runs = fc.array(run, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(runs, runs, (x, y) => {
        expect(interquartileMean([...x].reverse())).toBeCloseTo(interquartileMean(x), 12);
        expect(probabilityOfImprovement(x, y) + probabilityOfImprovement(y, x)).toBeCloseTo(1, 12);
      }),
    );
  });

  it("name the run at fault", () => {
    expect(() => interquartileMean([])).toThrow("scores is empty: at least one run is needed.");
    expect(() => optimalityGap([[1, 2], [3]])).toThrow("scores[0] and scores[1] must be of one length");
    expect(() => interquartileMean([[1], [Number.NaN]])).toThrow(
      "scores[1][0] must be a finite number, not NaN.",
    );
    expect(() => probabilityOfImprovement([[1]], [[1, 2]])).toThrow("x[0] and y[0] must be of one length");
  });
});
