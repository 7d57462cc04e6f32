import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitByPrompt } from "../../src/theory/completion-space.ts";
import { entropy, logSumExp } from "../../src/theory/distributions.ts";
import {
  completionLogps,
  logitGradient,
  policyEntropies,
  policyFromLogits,
} from "../../src/theory/policies.ts";
import { anyProblem, expectGradient, expectNear } from "./arbitraries.ts";

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe("a policy", () => {
  test("has completion probabilities that sum to one, and an entropy that follows the chain rule", () => {
    fc.assert(
      fc.property(anyProblem, ({ space, policy }) => {
        const perPrompt = splitByPrompt(space, completionLogps(space, policy));
        for (const logps of perPrompt) expect(logSumExp(logps)).toBeCloseTo(0, 12);
        expectNear(policyEntropies(space, policy), perPrompt.map(entropy), 1e-12);
      }),
    );
  });

  test("has the logit gradient of finite differences", () => {
    const space = { prompts: 2, actions: 2, horizon: 3 };
    const logits = Array.from({ length: 28 }, (_, at) => Math.sin(at));
    const weights = Array.from({ length: 16 }, (_, at) => Math.cos(3 * at));
    const value = (x: readonly number[]) =>
      sum(completionLogps(space, policyFromLogits(space, x)).map((logp, at) => weights[at]! * logp));
    expectGradient(value, logitGradient(space, policyFromLogits(space, logits), weights), logits);
  });
});
