import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, type Ends, type Rule, sideOfZero } from "../../src/verdicts/rules.ts";

const number = fc.double({ min: -1, max: 1, noNaN: true });
const interval = fc
  .tuple(number, number)
  .map(([a, b]): Ends => ({ low: Math.min(a, b), high: Math.max(a, b) }));
const margin = fc.double({ min: 0.01, max: 0.5, noNaN: true });

const superiority: Rule = { kind: "superiority" };
const above: Ends = { low: 0.1, high: 0.2 };
const across: Ends = { low: -0.1, high: 0.1 };
const below: Ends = { low: -0.2, high: -0.1 };

/** Every position of an interval relative to zero, with the side that superiority counts it on. */
const positions: readonly (readonly [Ends, -1 | 0 | 1])[] = [
  [{ low: -0.3, high: -0.1 }, -1],
  [{ low: -0.3, high: 0 }, 0],
  [{ low: -0.3, high: 0.1 }, 0],
  [{ low: 0, high: 0 }, 0],
  [{ low: 0, high: 0.3 }, 0],
  [{ low: 0.1, high: 0.3 }, 1],
];

describe("decide", () => {
  test("compares one interval with zero or the margin", () => {
    fc.assert(
      fc.property(interval, margin, (one, margin) => {
        const { low, high } = one;
        expect(decide(superiority, [one]) === "supported").toBe(low > 0);
        expect(decide(superiority, [one]) === "refuted").toBe(high < 0);
        expect(decide({ kind: "ordering" }, [one])).toBe(decide(superiority, [one]));
        const equivalence = decide({ kind: "equivalence", margin }, [one]);
        expect(equivalence === "supported").toBe(low > -margin && high < margin);
        expect(equivalence === "refuted").toBe(low > margin || high < -margin);
        const nonInferiority = decide({ kind: "non-inferiority", margin }, [one]);
        expect(nonInferiority === "supported").toBe(low > -margin);
        expect(nonInferiority === "refuted").toBe(high < -margin);
      }),
    );
  });

  test("includes the value of a bound, and decides every exact value", () => {
    const exact = (...values: number[]) => values.map((value) => ({ low: value, high: value }));
    const most: Rule = { kind: "bound", side: "at most", value: 1e-12 };
    expect(decide(most, exact(0, 1e-12, 3e-13))).toBe("supported");
    expect(decide(most, exact(0, 2e-12))).toBe("refuted");
    const least: Rule = { kind: "bound", side: "at least", value: 0.5 };
    expect(decide(least, exact(0.5, 2))).toBe("supported");
    expect(decide(least, exact(0.5, 0.4, 2))).toBe("refuted");
    expect(decide(least, [{ low: 0.4, high: 0.6 }])).toBe("not shown");
  });

  test("needs all intervals to support and one to refute", () => {
    expect(decide(superiority, [above, above])).toBe("supported");
    expect(decide(superiority, [above, across])).toBe("not shown");
    expect(decide(superiority, [above, below])).toBe("refuted");
  });

  test("counts an interval that touches zero on neither side, for every pattern of two", () => {
    for (const [a, sideA] of positions)
      for (const [b, sideB] of positions) {
        const expected =
          sideA > 0 && sideB > 0 ? "supported" : sideA < 0 || sideB < 0 ? "refuted" : "not shown";
        expect(decide(superiority, [a, b])).toBe(expected);
      }
  });

  test("never falls when the intervals of a superiority rise", () => {
    const rank = { refuted: 0, "not shown": 1, supported: 2 };
    const rise = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(interval, rise, rise), { minLength: 1, maxLength: 4 }), (cases) => {
        const before = cases.map(([one]) => one);
        const after = cases.map(([{ low, high }, up, further]) => ({
          low: low + up,
          high: Math.max(high + further, low + up),
        }));
        expect(rank[decide(superiority, after)]).toBeGreaterThanOrEqual(rank[decide(superiority, before)]);
      }),
    );
  });

  test("rejects a rule without intervals", () => {
    expect(() => decide(superiority, [])).toThrow("A rule of superiority needs at least one interval.");
  });
});

test("sideOfZero puts an interval that touches zero across it", () => {
  expect(positions.map(([one]) => sideOfZero(one))).toEqual([
    "below",
    "across",
    "across",
    "across",
    "across",
    "above",
  ]);
});
