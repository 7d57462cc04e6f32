import { describe, expect, test } from "vitest";
import { completionTokens } from "../../src/theory/completion-space.ts";
import { largestDifference } from "../../src/theory/distributions.ts";
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
