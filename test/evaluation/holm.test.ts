import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holm } from "../../src/evaluation/holm.ts";

/** The reference values that fixtures/make_tests.py writes. */
const reference: { holm: [ps: number[], adjusted: number[]][] } = JSON.parse(
  readFileSync(new URL("fixtures/tests.json", import.meta.url), "utf8"),
);

const family = fc.array(
  fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 0.02, noNaN: true })),
  {
    minLength: 1,
    maxLength: 9,
  },
);

describe("holm", () => {
  test.each(reference.holm)("adjusts %j as statsmodels does", (ps, adjusted) => {
    for (const [index, step] of holm(ps, 0.05).entries())
      expect(step.adjusted).toBeCloseTo(adjusted[index]!, 12);
  });

  test("decides exactly what has an adjusted p-value, or an own one, below its level", () => {
    fc.assert(
      fc.property(family, (ps) => {
        for (const [index, { adjusted, alpha, decided }] of holm(ps, 0.05).entries()) {
          expect(decided).toBe(ps[index]! < alpha);
          if (Math.abs(adjusted - 0.05) > 1e-12) expect(decided).toBe(adjusted < 0.05);
        }
      }),
    );
  });

  test("never decides a larger p-value without a smaller one, nor less when a p-value falls", () => {
    fc.assert(
      fc.property(family, fc.nat(8), fc.double({ min: 0, max: 1, noNaN: true }), (ps, at, factor) => {
        const steps = holm(ps, 0.05);
        for (const [one, p] of ps.entries())
          for (const [other, q] of ps.entries())
            if (p < q && steps[other]!.decided) expect(steps[one]!.decided).toBe(true);
        const fallen = ps.map((p, index) => (index === at % ps.length ? p * factor : p));
        const after = holm(fallen, 0.05);
        for (const [index, step] of steps.entries()) {
          if (step.decided) expect(after[index]!.decided).toBe(true);
          expect(after[index]!.adjusted).toBeLessThanOrEqual(step.adjusted);
        }
      }),
    );
  });

  test("shows what is not decided at the level of the step that stopped", () => {
    const levels = (ps: readonly number[]) => holm(ps, 0.06).map(({ alpha }) => Number(alpha.toFixed(6)));
    expect(levels([0.5, 0.001, 0.04])).toEqual([0.03, 0.02, 0.03]);
    expect(levels([0.5, 0.001, 0.02])).toEqual([0.06, 0.02, 0.03]);
    expect(levels([1, 0.5, 0.9])).toEqual([0.02, 0.02, 0.02]);
    expect(levels([])).toEqual([]);
  });

  test("names a value that is no p-value", () => {
    expect(() => holm([0.1, Number.NaN], 0.05)).toThrow("ps[1] must be a p-value from 0 to 1, not NaN.");
  });
});
