import { describe, expect, test } from "vitest";
import { randomStream } from "../../src/tensors/random.ts";
import { coverageMeasures, disjointPreferences } from "../../src/theory/coverage.ts";

describe("disjointPreferences", () => {
  test("compare every completion once, in both orders", () => {
    const pairs = disjointPreferences({ prompts: 1, actions: 2, horizon: 4 }, randomStream(1, "pairs"));
    expect(pairs).toHaveLength(16);
    expect(new Set(pairs.map(({ chosen }) => chosen)).size).toBe(16);
    for (const { chosen, rejected, weight } of pairs) {
      const [reverse] = pairs.filter((pair) => pair.chosen === rejected);
      expect(reverse?.rejected).toBe(chosen);
      expect(weight + Number(reverse?.weight)).toBeCloseTo(5, 12);
    }
  });

  test("give RLHF and offline the same loss with different policies", () => {
    const measures = coverageMeasures({ seed: 5, instances: 10 });
    expect(Math.max(...(measures["same-optima"] ?? [NaN]))).toBeLessThan(1e-12);
    expect(Math.min(...(measures["not-unique"] ?? [NaN]))).toBeGreaterThan(1e-3);
  });
});
