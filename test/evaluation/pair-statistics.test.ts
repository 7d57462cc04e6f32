import { describe, expect, it } from "vitest";
import { pairStatistics } from "../../src/evaluation/pair-statistics.ts";
import type { PreferencePair, Task } from "../../src/tasks/task.ts";

/** Gold is a completion's sum; after the token 9 the decoder copies one token. */
const task = {
  score: (_, completion) => completion.reduce((sum, token) => sum + token, 0),
  copies: () => Int32Array.from({ length: 10 }, (_, token) => (token === 9 ? 1 : -1)),
} as Partial<Task> as Task;
const pair = (chosen: number[], rejected: number[]): PreferencePair => ({
  prompt: { tokens: [0] },
  chosen,
  rejected,
});

describe("what is measured of pairs", () => {
  it("is the spread of gold, within and between pairs, and how clear the labels are", () => {
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

  it("counts ways of completing by what was decided, whatever the decoder copied", () => {
    const { distinct } = pairStatistics(task, [pair([9, 1, 2], [9, 5, 2]), pair([3], [4])]);
    expect(distinct).toBe(3 / 4);
  });

  it("has no agreement where gold ties every pair, and nothing at all without pairs", () => {
    expect(pairStatistics(task, [pair([1], [1])])).not.toHaveProperty("agreement");
    expect(() => pairStatistics(task, [])).toThrow("There are no pairs to measure: give at least one.");
  });
});
