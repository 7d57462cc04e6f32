import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitByPrompt, treeSizes } from "../../src/theory/completion-space.ts";
import { klDivergence, logSoftmax } from "../../src/theory/distributions.ts";
import { completionLogps, policyFromLogits } from "../../src/theory/policies.ts";
import { sftLogLikelihood, sftPolicy, solveSpinGame, spinGame } from "../../src/theory/spin.ts";
import { anyProblem, expectGradient, expectNear } from "./arbitraries.ts";

const shares = (space: Parameters<typeof splitByPrompt>[0], rewards: readonly number[]) =>
  splitByPrompt(space, rewards).flatMap((own) => logSoftmax(own).map(Math.exp));

describe("the SPIN game", () => {
  test("has the value and gradient of the SFT objective", () => {
    fc.assert(
      fc.property(anyProblem, ({ space, rewards, policy }) => {
        const demonstrations = shares(space, rewards);
        const game = spinGame(space, policy, demonstrations);
        const sft = sftLogLikelihood(space, policy, demonstrations);
        expect(game.value).toBeCloseTo(sft.value, 11);
        expectNear(game.gradient, sft.gradient, 1e-12);
      }),
    );
  });

  test("is minimised by the best response: another π has a payoff larger by KL(π ‖ π′)", () => {
    const space = { prompts: 1, actions: 2, horizon: 2 };
    const demonstrations = [0.4, 0.3, 0.2, 0.1];
    const policy = policyFromLogits(space, [1, 0, 0, 2, -1, 1]);
    const local = completionLogps(space, policy);
    const answer = completionLogps(space, policyFromLogits(space, [0, 0, 1, 1, 3, 0]));
    const payoff =
      demonstrations.reduce((sum, share, at) => sum + share * local[at]!, 0) -
      answer.reduce((sum, logp, at) => sum + Math.exp(logp) * (local[at]! - logp), 0);
    expect(payoff - spinGame(space, policy, demonstrations).value).toBeCloseTo(
      klDivergence(answer, local),
      12,
    );
  });

  test("is solved by the SFT policy", () => {
    fc.assert(
      fc.property(anyProblem, ({ space, rewards }) => {
        const demonstrations = shares(space, rewards);
        const solution = solveSpinGame(space, demonstrations);
        expectNear(solution.map(Math.exp), sftPolicy(space, demonstrations).map(Math.exp), 1e-7);
      }),
      { numRuns: 20 },
    );
  });
});

test("sftLogLikelihood has the gradient of finite differences", () => {
  const space = { prompts: 2, actions: 2, horizon: 2 };
  const logits = Array.from({ length: 12 }, (_, at) => Math.sin(at));
  const demonstrations = [0.1, 0.2, 0.3, 0.4, 0.7, 0.1, 0.1, 0.1];
  const value = (x: readonly number[]) =>
    sftLogLikelihood(space, policyFromLogits(space, x), demonstrations).value;
  const { gradient } = sftLogLikelihood(space, policyFromLogits(space, logits), demonstrations);
  expectGradient(value, gradient, logits);
});

test("sftPolicy has the next-token frequencies of the demonstrations", () => {
  const space = { prompts: 1, actions: 2, horizon: 2 };
  const policy = sftPolicy(space, [0.1, 0.3, 0.6, 0]);
  expect(policy).toHaveLength(treeSizes(space).edges);
  expectNear(policy.map(Math.exp), [0.4, 0.6, 0.25, 0.75, 1, 0], 1e-15);
});
