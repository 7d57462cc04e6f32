import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bestOfN } from "../../src/evaluation/best-of-n.ts";
import { mean } from "../../src/evaluation/statistics.ts";

describe("bestOfN", () => {
  const scores = [
    [0.1, 0.9, 0.9, 2],
    [5, 4, 3, 2],
  ];
  const gold = [
    [10, 20, 30, 40],
    [1, 2, 3, 4],
  ];

  test("takes the gold reward of the best of the first N samples, the earlier one on a tie", () => {
    expect(bestOfN(scores, gold, 1)).toEqual([10, 1]);
    expect(bestOfN(scores, gold, 3)).toEqual([20, 1]);
    expect(bestOfN(scores, gold, 4)).toEqual([40, 1]);
  });

  const prompt = fc.integer({ min: 1, max: 7 }).chain((samples) => {
    const integers = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: samples, maxLength: samples });
    return fc.tuple(integers, integers, fc.integer({ min: 1, max: samples }));
  });

  test("with the subsets estimator equals the mean over all enumerated subsets", () => {
    fc.assert(
      fc.property(prompt, ([ranking, rewards, n]) => {
        const samples = ranking.map((score, sample) => ({ score, gold: rewards[sample]! }));
        const subsets = Array.from({ length: 2 ** samples.length }, (_, mask) =>
          samples.filter((_sample, index) => mask & (1 << index)),
        ).filter(({ length }) => length === n);
        const values = subsets.map(
          (subset) => subset.reduce((best, next) => (next.score > best.score ? next : best)).gold,
        );
        const [value] = bestOfN([ranking], [rewards], n, { estimator: "subsets" });
        expect(value).toBeCloseTo(mean(values), 10);
      }),
    );
  });

  test("never falls as N grows when ranked by gold, and the estimators agree when N is the number of samples", () => {
    fc.assert(
      fc.property(prompt, ([ranking, rewards]) => {
        for (const estimator of ["first", "subsets"] as const) {
          const values = rewards.flatMap((_, i) => bestOfN([rewards], [rewards], i + 1, { estimator }));
          let previous = -Infinity;
          for (const value of values) {
            expect(value).toBeGreaterThanOrEqual(previous - 1e-12);
            previous = value;
          }
        }
        const [subsets] = bestOfN([ranking], [rewards], rewards.length, { estimator: "subsets" });
        const [first] = bestOfN([ranking], [rewards], rewards.length);
        expect(subsets).toBeCloseTo(Number(first), 12);
      }),
    );
  });

  test("throws if N exceeds the number of samples, and names both", () => {
    expect(() => bestOfN(scores, gold, 5)).toThrow(
      "N is 5, but prompt 0 has 4 samples: draw more samples or choose a smaller N.",
    );
    expect(() => bestOfN([[1, 2], [1]], [[1, 2], [1]], 2)).toThrow("prompt 1 has 1 samples");
  });

  test("throws on empty, unequal or non-finite input and names it", () => {
    expect(() => bestOfN([], [], 1)).toThrow("scores is empty");
    expect(() => bestOfN(scores, gold, 0)).toThrow("N must be a whole number of at least 1, not 0.");
    expect(() => bestOfN(scores, gold.slice(1), 1)).toThrow("scores and gold must have the same length");
    expect(() => bestOfN([[1, 2]], [[1]], 1)).toThrow("scores[0] and gold[0] must have the same length");
    expect(() => bestOfN([[1, Number.NaN]], [[1, 2]], 1)).toThrow("scores[0][1] must be a finite number");
  });
});
