import fc from "fast-check";
import { describe, expect, it } from "vitest";
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

  it("takes the gold reward of the best of the first N, and the first of several best", () => {
    expect(bestOfN(scores, gold, 1)).toEqual([10, 1]);
    expect(bestOfN(scores, gold, 3)).toEqual([20, 1]);
    expect(bestOfN(scores, gold, 4)).toEqual([40, 1]);
  });

  const prompt = fc.integer({ min: 1, max: 7 }).chain((samples) => {
    const integers = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: samples, maxLength: samples });
    return fc.tuple(integers, integers, fc.integer({ min: 1, max: samples }));
  });

  it("agrees over all subsets with trying each", () => {
    fc.assert(
      fc.property(prompt, ([ranking, rewards, n]) => {
        const subsets = Array.from({ length: 2 ** ranking.length }, (_, mask) =>
          ranking.map((_, sample) => sample).filter((sample) => mask & (1 << sample)),
        ).filter(({ length }) => length === n);
        const values = subsets.map((subset) => {
          const best = subset.reduce((first, next) => (ranking[next]! > ranking[first]! ? next : first));
          return rewards[best]!;
        });
        const [value] = bestOfN([ranking], [rewards], n, { estimator: "subsets" });
        expect(value).toBeCloseTo(mean(values), 10);
      }),
    );
  });

  it("ranked by gold itself, never falls as N grows; over all samples the estimators agree", () => {
    fc.assert(
      fc.property(prompt, ([ranking, rewards]) => {
        for (const estimator of ["first", "subsets"] as const) {
          const values = rewards.map((_, i) => bestOfN([rewards], [rewards], i + 1, { estimator })[0]!);
          expect(values.every((value, i) => i === 0 || value >= values[i - 1]! - 1e-12)).toBe(true);
        }
        const [all] = bestOfN([ranking], [rewards], rewards.length, { estimator: "subsets" });
        expect(all).toBeCloseTo(bestOfN([ranking], [rewards], rewards.length)[0]!, 12);
      }),
    );
  });

  it("says which N is too large and how many samples there are", () => {
    expect(() => bestOfN(scores, gold, 5)).toThrow(
      "N is 5, but prompt 0 has 4 samples: draw more samples or choose a smaller N.",
    );
    expect(() => bestOfN([[1, 2], [1]], [[1, 2], [1]], 2)).toThrow("prompt 1 has 1 samples");
  });

  it("names other faults", () => {
    expect(() => bestOfN([], [], 1)).toThrow("scores is empty");
    expect(() => bestOfN(scores, gold, 0)).toThrow("N must be a whole number from 1, not 0.");
    expect(() => bestOfN(scores, gold.slice(1), 1)).toThrow("scores and gold must be of one length");
    expect(() => bestOfN([[1, 2]], [[1]], 1)).toThrow("scores[0] and gold[0] must be of one length");
    expect(() => bestOfN([[1, Number.NaN]], [[1, 2]], 1)).toThrow("scores[0][1] must be a finite number");
  });
});
