import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitByPrompt } from "../../src/theory/completion-space.ts";
import { klDivergence, largestDifference, logSumExp } from "../../src/theory/distributions.ts";
import { completionLogps, policyFromLogits } from "../../src/theory/policies.ts";
import {
  ascendSoftReturn,
  gibbs,
  klRegularisedRewards,
  softOptimal,
  softReturnGradient,
  softReturns,
} from "../../src/theory/soft-rl.ts";
import { anyProblem, expectGradient, expectNear, numbers } from "./arbitraries.ts";
import { reference } from "./reference.ts";

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe("soft value iteration", () => {
  test("finds exp(r) / Z for every completion, and log Z", () => {
    fc.assert(
      fc.property(anyProblem, ({ space, rewards }) => {
        const { policy, logZ } = softOptimal(space, rewards);
        expect(largestDifference(completionLogps(space, policy), gibbs(space, rewards))).toBeLessThan(1e-12);
        expectNear(logZ, splitByPrompt(space, rewards).map(logSumExp), 1e-12);
        expectNear(softReturns(space, policy, rewards), logZ, 1e-12);
      }),
    );
  });

  test("is a reverse-KL projection: KL(P_π ‖ P*_r) = −H(π) − E_π[r] + log Z (Lemma 2.1)", () => {
    fc.assert(
      fc.property(anyProblem, ({ space, rewards, policy }) => {
        const target = splitByPrompt(space, gibbs(space, rewards));
        const divergences = splitByPrompt(space, completionLogps(space, policy)).map((own, prompt) =>
          klDivergence(own, target[prompt]!),
        );
        const { logZ } = softOptimal(space, rewards);
        const returns = softReturns(space, policy, rewards);
        expectNear(
          divergences,
          logZ.map((total, prompt) => total - returns[prompt]!),
          1e-11,
        );
      }),
    );
  });

  test("is invariant to a constant per prompt", () => {
    fc.assert(
      fc.property(anyProblem, numbers(3, 50), ({ space, rewards }, constants) => {
        const shifted = splitByPrompt(space, rewards).flatMap((own, prompt) =>
          own.map((reward) => reward + constants[prompt]!),
        );
        expectNear(softOptimal(space, shifted).policy, softOptimal(space, rewards).policy, 1e-11);
      }),
    );
  });

  test("finds Q* = r with one token", () => {
    const rewards = [1, -2, 0.5];
    expect(softOptimal({ prompts: 1, actions: 3, horizon: 1 }, rewards).q).toEqual(rewards);
  });

  test("finds scipy's optimum of the same objective", () => {
    for (const { actions, horizon, rewards, softReturn, softOptimal: expected } of reference.rlhfVsMle) {
      const space = { prompts: 1, actions, horizon };
      const { policy, logZ } = softOptimal(space, rewards);
      expect(logZ[0]).toBeCloseTo(softReturn, 9);
      expectNear(completionLogps(space, policy).map(Math.exp), expected, 1e-5);
    }
  });

  test("gives a forbidden completion probability 0", () => {
    const space = { prompts: 1, actions: 2, horizon: 2 };
    const { policy } = softOptimal(space, [0, -Infinity, 0, 0]);
    expectNear(completionLogps(space, policy).map(Math.exp), [1 / 3, 0, 1 / 3, 1 / 3], 1e-15);
  });

  test("throws unless every completion has a reward", () => {
    expect(() => softOptimal({ prompts: 2, actions: 2, horizon: 2 }, [1, 2, 3])).toThrow(
      "one number for each of the 8 completions, not 3",
    );
  });
});

describe("KL to a reference", () => {
  test("is soft RL with the reward r / β + log P_ref", () => {
    fc.assert(
      fc.property(
        anyProblem,
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        ({ space, rewards, policy }, beta) => {
          const logReference = completionLogps(space, policy);
          const best = completionLogps(
            space,
            softOptimal(space, klRegularisedRewards(rewards, logReference, beta)).policy,
          );
          const objective = (logps: readonly number[]) =>
            sum(logps.map((logp, at) => Math.exp(logp) * (rewards[at]! - beta * (logp - logReference[at]!))));
          const others = [
            gibbs(space, rewards),
            logReference,
            gibbs(
              space,
              rewards.map((reward) => reward / beta),
            ),
          ];
          for (const other of others) expect(objective(best)).toBeGreaterThanOrEqual(objective(other) - 1e-9);
        },
      ),
    );
  });
});

describe("policy gradient", () => {
  test("is the gradient of the soft return by finite differences", () => {
    const space = { prompts: 2, actions: 3, horizon: 2 };
    const logits = Array.from({ length: 24 }, (_, at) => Math.sin(at));
    const rewards = Array.from({ length: 18 }, (_, at) => Math.cos(2 * at));
    const value = (x: readonly number[]) => sum(softReturns(space, policyFromLogits(space, x), rewards));
    expectGradient(value, softReturnGradient(space, policyFromLogits(space, logits), rewards), logits);
  });

  test("starts at the uniform policy and converges to the optimum", () => {
    const space = { prompts: 1, actions: 2, horizon: 2 };
    const rewards = [1, 0, -1, 2];
    expectNear(
      completionLogps(space, ascendSoftReturn(space, rewards, 0, 1)).map(Math.exp),
      [0.25, 0.25, 0.25, 0.25],
      1e-15,
    );
    expectNear(ascendSoftReturn(space, rewards, 5000, 1), softOptimal(space, rewards).policy, 1e-9);
  });
});
