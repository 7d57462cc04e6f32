import { describe, expect, test } from "vitest";
import { pairStatistics } from "../../src/evaluation/pair-statistics.ts";
import type { PreferencePair, Task } from "../../src/tasks/task.ts";

/** The gold reward is the sum of the completion's tokens; after token 9 the decoder copies token 1. */
const task = {
  score: (_, completion) => completion.reduce((sum, token) => sum + token, 0),
  forcedNext: () => Int32Array.from({ length: 10 }, (_, token) => (token === 9 ? 1 : -1)),
} as Partial<Task> as Task;
const pair = (chosen: number[], rejected: number[]): PreferencePair => ({
  prompt: { tokens: [0] },
  chosen,
  rejected,
});

describe("pairStatistics", () => {
  test("computes mean, spread and gap of the gold reward, and label agreement", () => {
    const { goldMean, goldSd, goldGap, agreement } = pairStatistics(task, [
      pair([4], [0]),
      pair([2], [4]),
      pair([1, 1], [2]),
    ]);
    expect(goldMean).toBeCloseTo(14 / 6);
    expect(goldSd).toBeCloseTo(
      Math.sqrt([4, 0, 2, 4, 2, 2].reduce((sum, x) => sum + (x - 14 / 6) ** 2, 0) / 5),
    );
    expect(goldGap).toBe(2);
    expect(agreement).toBe(0.5);
  });

  test("counts distinct completions by the tokens that the policy decided", () => {
    const { distinct } = pairStatistics(task, [pair([9, 1, 2], [9, 5, 2]), pair([3], [4])]);
    expect(distinct).toBe(3 / 4);
  });

  test("has no agreement if gold ties every pair, and throws without pairs", () => {
    expect(pairStatistics(task, [pair([1], [1])])).not.toHaveProperty("agreement");
    expect(() => pairStatistics(task, [])).toThrow("There are no pairs to measure: give at least one.");
  });
});
