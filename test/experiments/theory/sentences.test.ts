import { describe, expect, test } from "vitest";
import {
  classSizeSentence,
  complexitySentence,
  dataSentences,
  stepsSentence,
} from "../../../src/experiments/theory/sentences.ts";

describe("the theory's sentences are made of its numbers", () => {
  test("the reward class", () => {
    const row = (draw: number, features: number, gap: number, rlhfError: number) => ({
      draw,
      features,
      gap,
      rlhfError,
      offlineError: 0.25,
    });
    const rows = [0, 1].flatMap((draw) => [
      row(draw, 1, 0.4 + draw * 0.2, 0.7),
      row(draw, 4, 0.1, 0.2),
      row(draw, 7, 0.05, 0.125),
      row(draw, 15, 1e-13, 0.25),
    ]);
    expect(classSizeSentence(rows)).toBe(
      "Over 2 draws the policies of RLHF and offline maximum likelihood are on average 0.5 apart in total variation with 1 feature, 0.1 with " +
        "the 4 that the true reward uses, and 1e-13 with all 15. RLHF is nearest to the true reward's policy " +
        "with 7 features, at 0.125; offline maximum likelihood is at 0.25.",
    );
  });

  test("the data", () => {
    const rows = [0, 1, 2].flatMap((draw) => [
      { draw, times: 1, rlhfError: 0.1, offlineError: 0.2 + 0.1 * draw },
      { draw, times: Infinity, rlhfError: 1e-13, offlineError: 3e-12 },
    ]);
    expect(dataSentences(rows)).toEqual([
      "With 1 comparison of every two completions, the offline error less RLHF's is 0.2, 95 % interval [−0.0484, 0.448] over 3 draws.",
      "With exact preference probabilities, the errors are at most 1e-13 (RLHF) and 3e-12 (offline).",
    ]);
  });

  test("the steps", () => {
    const gaps = [
      { steps: 0, gap: 0.5 },
      { steps: 10, gap: -1e-17 },
    ];
    expect(stepsSentence(gaps)).toBe(
      "KL(offline ‖ RLHF) by gradient steps, nats: 0.5 after 0; 0 to within 1e-9 after 10.",
    );
  });

  test("the complexity", () => {
    const row = {
      horizon: 1,
      rewardLeaves: 2,
      policyLeaves: 2,
      qLeaves: 2,
      policyValues: 2,
      rewardStates: 1,
      qStates: 1,
      policyStates: 1,
    };
    const last = { ...row, horizon: 8, policyLeaves: 66, rewardStates: 43, qStates: 43 };
    expect(complexitySentence("Goal", [row, last])).toBe(
      "Goal, from horizon 1 to 8: leaves of the reward's tree 2 at both, of the policy's 2 to 66; states of the " +
        "automaton that computes the reward 1 to 43, Q* 1 to 43, the policy 1 at both.",
    );
  });
});
