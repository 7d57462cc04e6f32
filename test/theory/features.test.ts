import { describe, expect, test } from "vitest";
import { interactionFeatures, tokenFeatures } from "../../src/theory/features.ts";

describe("features", () => {
  test("of single tokens are one-hot per step", () => {
    const rows = tokenFeatures({ prompts: 1, actions: 3, horizon: 2 });
    expect(rows[5]).toEqual([1, 0, 0, 1]);
    expect(rows[0]).toEqual([0, 0, 0, 0]);
  });

  test("of interactions are orthogonal to one another and to a constant, with single tokens first", () => {
    const rows = interactionFeatures({ prompts: 1, actions: 2, horizon: 3 });
    const product = (a: readonly number[], b: readonly number[]) => a.map((x, at) => x * b[at]!);
    const columns = Array.from({ length: 7 }, (_, at) => rows.flatMap((row) => row.slice(at, at + 1)));
    for (const [at, column] of columns.entries()) {
      expect(column.reduce((sum, x) => sum + x, 0)).toBe(0);
      for (const other of columns.slice(0, at))
        expect(product(column, other).reduce((sum, x) => sum + x, 0)).toBe(0);
    }
    expect(rows[0]).toHaveLength(7);
    expect(rows[0]?.slice(0, 3)).toEqual([-1, -1, -1]);
    expect(columns[6]).toEqual(columns.slice(0, 3).reduce((a, b) => product(a, b)));
    expect(() => interactionFeatures({ prompts: 1, actions: 3, horizon: 2 })).toThrow(
      "2 tokens and 1 prompt",
    );
  });
});
