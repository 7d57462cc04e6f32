import { describe, expect, test } from "vitest";
import { treeSizes } from "../../src/theory/completion-space.ts";
import {
  type FunctionClass,
  linearRewards,
  localRewards,
  memorylessPolicies,
  policyClass,
  softOptimalPolicies,
  tabularRewards,
} from "../../src/theory/function-classes.ts";
import { completionLogps } from "../../src/theory/policies.ts";
import { gibbs } from "../../src/theory/soft-rl.ts";
import { expectGradient, expectNear } from "./arbitraries.ts";

describe("a function class", () => {
  const space = { prompts: 2, actions: 2, horizon: 2 };
  const { completions, edges } = treeSizes(space);
  const features = Array.from({ length: 2 * completions }, (_, at) => [Math.sin(at), Math.cos(5 * at), 1]);
  const logReference = completionLogps(space, new Array(2 * edges).fill(-Math.LN2));
  const classes: [string, FunctionClass][] = [
    ["tabular rewards", tabularRewards(space)],
    ["linear rewards", linearRewards(features)],
    ["all policies", policyClass(space)],
    ["memoryless policies", memorylessPolicies(space)],
    ["soft-optimal policies", softOptimalPolicies(space, linearRewards(features))],
    ["local rewards with a reference", localRewards(policyClass(space), logReference, 0.3)],
  ];

  test.each(classes)("of %s has the gradient of finite differences", (_, some) => {
    const theta = Array.from({ length: some.parameters }, (__, at) => Math.sin(2 * at + 1));
    const weights = Array.from({ length: 2 * completions }, (__, at) => Math.cos(3 * at));
    const value = (x: readonly number[]) =>
      some.values(x).reduce((sum, each, at) => sum + weights[at]! * each, 0);
    expectGradient(value, some.vjp(theta, weights), theta);
  });

  test("of soft-optimal policies equals soft value iteration", () => {
    const rewards = linearRewards(features);
    const theta = [0.5, -1, 3];
    expectNear(softOptimalPolicies(space, rewards).values(theta), gibbs(space, rewards.values(theta)), 1e-14);
  });

  test("of memoryless policies has the same next-token distribution everywhere", () => {
    const logps = memorylessPolicies({ prompts: 1, actions: 2, horizon: 3 }).values([Math.log(3), 0]);
    expectNear(
      logps.map(Math.exp),
      [27, 9, 9, 3, 9, 3, 3, 1].map((count) => count / 64),
      1e-15,
    );
  });

  test("of linear rewards throws without features", () => {
    expect(() => linearRewards([])).toThrow("features are empty");
  });
});
