import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { promptsOf, sizesOf } from "../../src/theory/completions.ts";
import { klDivergence, logSoftmax } from "../../src/theory/distributions.ts";
import { completionLogps, policyOf } from "../../src/theory/policies.ts";
import { demonstrationLikelihood, frequencies, gameAgainst, gameSolution } from "../../src/theory/spin.ts";
import { anyProblem, expectGradient, expectNear } from "./laws.ts";

const shares = (space: Parameters<typeof promptsOf>[0], rewards: readonly number[]) =>
  promptsOf(space, rewards).flatMap((own) => logSoftmax(own).map(Math.exp));

describe("the game", () => {
  test("is worth the likelihood of the demonstrations, with the gradient of SFT", () => {
    fc.assert(
      fc.property(anyProblem, ({ space, rewards, policy }) => {
        const demonstrations = shares(space, rewards);
        const game = gameAgainst(space, policy, demonstrations);
        const sft = demonstrationLikelihood(space, policy, demonstrations);
        expect(game.value).toBeCloseTo(sft.value, 11);
        expectNear(game.gradient, sft.gradient, 1e-12);
      }),
    );
  });

  test("is not won by any other answer: E_D − E_π − H is larger by KL(π ‖ π′)", () => {
    const space = { prompts: 1, actions: 2, horizon: 2 };
    const demonstrations = [0.4, 0.3, 0.2, 0.1];
    const policy = policyOf(space, [1, 0, 0, 2, -1, 1]);
    const local = completionLogps(space, policy);
    const answer = completionLogps(space, policyOf(space, [0, 0, 1, 1, 3, 0]));
    const payoff =
      demonstrations.reduce((sum, share, at) => sum + share * local[at]!, 0) -
      answer.reduce((sum, logp, at) => sum + Math.exp(logp) * (local[at]! - logp), 0);
    expect(payoff - gameAgainst(space, policy, demonstrations).value).toBeCloseTo(
      klDivergence(answer, local),
      12,
    );
  });

  test("is solved by the frequencies of next tokens", () => {
    fc.assert(
      fc.property(anyProblem, ({ space, rewards }) => {
        const demonstrations = shares(space, rewards);
        const solution = gameSolution(space, demonstrations);
        expectNear(solution.map(Math.exp), frequencies(space, demonstrations).map(Math.exp), 1e-7);
      }),
      { numRuns: 20 },
    );
  });
});

test("SFT's gradient is that of its value", () => {
  const space = { prompts: 2, actions: 2, horizon: 2 };
  const logits = Array.from({ length: 12 }, (_, at) => Math.sin(at));
  const demonstrations = [0.1, 0.2, 0.3, 0.4, 0.7, 0.1, 0.1, 0.1];
  const value = (x: readonly number[]) =>
    demonstrationLikelihood(space, policyOf(space, x), demonstrations).value;
  const { gradient } = demonstrationLikelihood(space, policyOf(space, logits), demonstrations);
  expectGradient(value, gradient, logits);
});

test("frequencies are shares among what follows a prefix", () => {
  const space = { prompts: 1, actions: 2, horizon: 2 };
  const policy = frequencies(space, [0.1, 0.3, 0.6, 0]);
  expect(policy).toHaveLength(sizesOf(space).edges);
  expectNear(policy.map(Math.exp), [0.4, 0.6, 0.25, 0.75, 1, 0], 1e-15);
});
