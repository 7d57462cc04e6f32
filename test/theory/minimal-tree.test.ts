import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Grid, minimalTreeLeaves } from "../../src/theory/minimal-tree.ts";
import { reference } from "./reference.ts";

/** `minimalTreeLeaves` of a small two-dimensional grid by brute force. */
function bruteForceLeaves(rows: readonly (readonly number[])[], tolerance: number): number {
  const values = rows.flat();
  if (Math.max(...values) - Math.min(...values) <= 2 * tolerance) return 1;
  const across = rows.slice(1).map((_, at) => [rows.slice(0, at + 1), rows.slice(at + 1)] as const);
  const along = rows[0]!
    .slice(1)
    .map((_, at) => [rows.map((row) => row.slice(0, at + 1)), rows.map((row) => row.slice(at + 1))] as const);
  return Math.min(
    ...[...across, ...along].map(
      ([one, other]) => bruteForceLeaves(one, tolerance) + bruteForceLeaves(other, tolerance),
    ),
  );
}

describe("minimalTreeLeaves", () => {
  test("equals brute force", () => {
    const row = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(0, 0.5, 1),
        (rows, tolerance) => {
          const grid: Grid = { shape: [rows.length, 3], values: rows.flat() };
          expect(minimalTreeLeaves(grid, tolerance)).toBe(bruteForceLeaves(rows, tolerance));
        },
      ),
    );
  });

  test("never exceeds the leaves of scikit-learn's greedy tree", () => {
    for (const { shape, values, tolerance, greedyLeaves } of reference.trees) {
      const leaves = minimalTreeLeaves({ shape, values }, tolerance);
      expect(leaves).toBeLessThanOrEqual(greedyLeaves);
      expect(leaves).toBeGreaterThan(1);
    }
  });

  test("ignores undefined points", () => {
    expect(minimalTreeLeaves({ shape: [3], values: [1, undefined, 1] }, 0)).toBe(1);
    expect(minimalTreeLeaves({ shape: [2, 2], values: [1, undefined, undefined, 2] }, 0)).toBe(2);
  });

  test("throws if the shape does not match or no value is defined", () => {
    expect(() => minimalTreeLeaves({ shape: [2, 2], values: [1, 2, 3] }, 0)).toThrow(
      "A grid of 2 × 2 needs 4 values",
    );
    expect(() => minimalTreeLeaves({ shape: [1], values: [undefined] }, 0)).toThrow(
      "at least one of them a number",
    );
  });
});
