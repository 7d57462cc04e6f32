import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tInterval } from "../../src/evaluation/statistics.ts";
import { decide, type Rule } from "../../src/verdicts/rules.ts";
import { decidingConfidence, powerOf, pValue } from "../../src/verdicts/student-rules.ts";

const rules: readonly Rule[] = [
  { kind: "superiority" },
  { kind: "equivalence", margin: 0.03 },
  { kind: "non-inferiority", margin: 0.03 },
];
const sample = fc.array(
  fc.integer({ min: -80, max: 80 }).map((value) => value / 1000),
  {
    minLength: 2,
    maxLength: 12,
  },
);

describe("a p-value", () => {
  test.each(rules)("of $kind is below a level exactly if the interval of that level decides", (rule) => {
    const level = fc.constantFrom(0.2, 0.1, 0.05, 0.05 / 7, 0.001);
    fc.assert(
      fc.property(sample, level, (values, alpha) => {
        const p = pValue(rule, values);
        fc.pre(Math.abs(p - alpha) > 1e-9);
        const interval = tInterval(values, decidingConfidence(rule, alpha));
        expect(decide(rule, [interval]) !== "not shown").toBe(p < alpha);
      }),
      { numRuns: 300 },
    );
  });

  test("of values without spread is 0 if they decide, and else 1", () => {
    const at = (value: number) => rules.map((rule) => pValue(rule, [value, value, value]));
    expect(at(0.01)).toEqual([0, 0, 0]);
    expect(at(0)).toEqual([1, 0, 0]);
    expect(at(-0.03)).toEqual([0, 1, 1]);
    expect(at(0.5)).toEqual([0, 0, 0]);
  });
});

describe("power", () => {
  const values = [0.01, 0.05, 0.02, 0.07, 0.04, 0.03];

  test("is at the effect for superiority and at zero within a margin, whatever the mean is", () => {
    const shifted = values.map((value) => value + 1);
    for (const rule of rules)
      expect(powerOf(rule, shifted, 0.95, 0.03)).toBeCloseTo(powerOf(rule, values, 0.95, 0.03), 10);
    const [superiority, equivalence, nonInferiority] = rules.map((rule) => powerOf(rule, values, 0.9, 0.03));
    expect(superiority).toBeCloseTo(nonInferiority!, 10);
    expect(equivalence).toBeLessThan(nonInferiority!);
  });

  test("falls with the confidence and rises with the effect", () => {
    const [superiority] = rules;
    expect(powerOf(superiority!, values, 0.993, 0.03)).toBeLessThan(
      powerOf(superiority!, values, 0.95, 0.03),
    );
    expect(powerOf(superiority!, values, 0.95, 0.03)).toBeLessThan(powerOf(superiority!, values, 0.95, 0.05));
    expect(powerOf(superiority!, values, 0.95, 0)).toBeCloseTo(0.025, 6);
  });
});

test("no test is made of a bound", () => {
  const bound: Rule = { kind: "bound", side: "at most", value: 1 };
  expect(() => pValue(bound, [1, 2])).toThrow("A bound is a rule for exact values");
  expect(() => powerOf(bound, [1, 2], 0.95, 1)).toThrow("A bound is a rule for exact values");
});
