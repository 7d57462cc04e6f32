import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { completionTokens } from "../../src/theory/completion-space.ts";
import { largestDifference } from "../../src/theory/distributions.ts";
import { minimalAutomatonStates } from "../../src/theory/minimal-automaton.ts";
import { type Grid, minimalTreeLeaves } from "../../src/theory/minimal-tree.ts";
import { completionLogps } from "../../src/theory/policies.ts";
import { softOptimal } from "../../src/theory/soft-rl.ts";
import {
  goalReward,
  policyGrid,
  rewardGrid,
  slopeReward,
  solveWalk,
  walkComplexity,
} from "../../src/theory/walks.ts";
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

/** A function of binary completions, with one value per completion. */
const binaryFunction = (horizon: number, values: readonly number[]) => {
  const prefixes = 2 ** horizon - 1;
  return {
    root: 0,
    key: (node: number) => node,
    next: (node: number) => (node < prefixes ? [2 * node + 1, 2 * node + 2] : []),
    output: (node: number) => (node < prefixes ? [] : values.slice(node - prefixes, node - prefixes + 1)),
  };
};

describe("minimalAutomatonStates", () => {
  test("counts the distinct subtrees at each step", () => {
    const horizon = 4;
    const anyValues = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(anyValues, (values) => {
        let states = 0;
        for (let step = 0; step < horizon; step++) {
          const width = 2 ** (horizon - step);
          const futures = Array.from({ length: 2 ** step }, (_, at) =>
            values.slice(at * width, (at + 1) * width).join(),
          );
          states += new Set(futures).size;
        }
        expect(minimalAutomatonStates(binaryFunction(horizon, values))).toBe(states);
      }),
    );
  });

  test("is one per count and step for the number of ones", () => {
    const values = Array.from({ length: 16 }, (_, at) =>
      completionTokens({ prompts: 1, actions: 2, horizon: 4 }, at).reduce((sum, token) => sum + token, 0),
    );
    expect(minimalAutomatonStates(binaryFunction(4, values))).toBe(1 + 2 + 3 + 4);
  });
});

describe("a walk", () => {
  const horizon = 3;
  test.each([
    ["goal", goalReward(1, 6)],
    ["slope", slopeReward(0.5)],
  ])("has the soft-optimal policy found by enumerating completions: %s", (_, reward) => {
    const space = { prompts: 1, actions: 3, horizon };
    const steps = Array.from({ length: 27 }, (__, at) =>
      completionTokens(space, at).map((token) => token - 1),
    );
    const places = steps.map((walk) => walk.reduce((sum, step) => sum + step, 0));
    const expected = completionLogps(space, softOptimal(space, places.map(reward)).policy);
    const { logps } = solveWalk({ horizon, reward });
    const found = steps.map((walk) => {
      let place = 0;
      return walk.reduce((sum, step, time) => {
        const logp = logps(time, place).at(step + 1) ?? NaN;
        place += step;
        return sum + logp;
      }, 0);
    });
    expect(largestDifference(found, expected)).toBeLessThan(1e-14);
  });

  test("has complexities that match a count by hand", () => {
    expect(walkComplexity({ horizon: 1, reward: goalReward(1, 6) }, 0.1)).toEqual({
      horizon: 1,
      rewardLeaves: 2,
      policyLeaves: 2,
      qLeaves: 2,
      policyValues: 2,
      rewardStates: 1,
      qStates: 1,
      policyStates: 1,
    });
    // Goal: three places after one step, with different subtrees. Slope: subtrees differ by a constant.
    expect(walkComplexity({ horizon: 2, reward: goalReward(1, 6) }, 0.1)).toMatchObject({
      rewardLeaves: 3,
      rewardStates: 4,
      qStates: 4,
    });
    expect(walkComplexity({ horizon: 2, reward: slopeReward(0.5) }, 0.1)).toMatchObject({
      rewardLeaves: 5,
      policyLeaves: 3,
      policyValues: 3,
      policyStates: 2,
    });
  });

  test("has grids over the places that it can reach", () => {
    const { shape, values } = policyGrid({ horizon: 2, reward: slopeReward(1) });
    expect(shape).toEqual([2, 5, 3]);
    expect(values.filter((value) => value !== undefined)).toHaveLength(3 + 9);
    expect(rewardGrid({ horizon: 2, reward: slopeReward(1) }).values).toEqual([-2, -1, 0, 1, 2]);
  });
});
