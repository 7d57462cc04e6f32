import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { treeSizes } from "../../src/theory/completion-space.ts";
import { largestDifference } from "../../src/theory/distributions.ts";
import { rlhfMleGap } from "../../src/theory/equivalence.ts";
import { interactionFeatures, tokenFeatures } from "../../src/theory/features.ts";
import {
  type FunctionClass,
  linearRewards,
  localRewards,
  memorylessPolicies,
  policyClass,
  softOptimalPolicies,
  tabularRewards,
} from "../../src/theory/function-classes.ts";
import { completionLogps, randomPolicy } from "../../src/theory/policies.ts";
import { exactPreferences } from "../../src/theory/preferences.ts";
import { maximumLikelihood, offlineMle, rlhf, softOptimalInClass } from "../../src/theory/rlhf-vs-mle.ts";
import { gibbs } from "../../src/theory/soft-rl.ts";
import { anyPreferences, anyProblem, expectGradient, expectNear } from "./arbitraries.ts";
import { last, reference, toComparisons } from "./reference.ts";

describe("RLHF and offline maximum likelihood", () => {
  test("find the same policy if the classes are isomorphic", () => {
    fc.assert(
      fc.property(anyPreferences, ({ space, comparisons }) => {
        expect(rlhfMleGap(space, comparisons)).toBeLessThan(1e-8);
      }),
      { numRuns: 40 },
    );
  });

  test("find the same policy with a reference and any β", () => {
    const anyBeta = fc.double({ min: 0.2, max: 3, noNaN: true });
    fc.assert(
      fc.property(anyPreferences, anyBeta, ({ space, comparisons, stream }, beta) => {
        const logReference = completionLogps(space, randomPolicy(space, stream));
        expect(rlhfMleGap(space, comparisons, { reference: logReference, beta })).toBeLessThan(1e-8);
      }),
      { numRuns: 40 },
    );
  });

  test("find the true reward's policy if preferences are exact", () => {
    fc.assert(
      fc.property(anyProblem, ({ space, rewards }) => {
        const modest = rewards.map((reward) => reward / 2);
        const preferences = exactPreferences(space, modest);
        const goal = gibbs(space, modest);
        expect(largestDifference(rlhf(space, tabularRewards(space), preferences), goal)).toBeLessThan(1e-8);
        expect(largestDifference(offlineMle(policyClass(space), preferences), goal)).toBeLessThan(1e-8);
      }),
      { numRuns: 30 },
    );
  });

  test("differ if the reward class is too small for noisy preferences", () => {
    const { pairs, actions, horizon } = last(reference.rlhfVsMle);
    const space = { prompts: 1, actions, horizon };
    const comparisons = toComparisons(pairs);
    const small = rlhf(space, linearRewards(tokenFeatures(space)), comparisons);
    expect(largestDifference(small, offlineMle(policyClass(space), comparisons))).toBeGreaterThan(1e-3);
  });
});

describe("optima of scipy", () => {
  test.each(reference.rlhfVsMle)("are found with $actions tokens and horizon $horizon", (one) => {
    const space = { prompts: 1, actions: one.actions, horizon: one.horizon };
    const comparisons = toComparisons(one.pairs);
    const exp = (logps: readonly number[]) => logps.map(Math.exp);
    expectNear(maximumLikelihood(linearRewards(one.features), comparisons).theta, one.linear, 1e-5);
    expectNear(exp(offlineMle(policyClass(space), comparisons)), one.offline, 1e-5);
    expectNear(exp(rlhf(space, tabularRewards(space), comparisons)), one.offline, 1e-5);
    const fit = maximumLikelihood(localRewards(policyClass(space)), comparisons);
    expect(fit.loss).toBeCloseTo(one.offlineLoss, 9);
    const dpo = { reference: one.reference, beta: one.beta };
    expectNear(exp(offlineMle(policyClass(space), comparisons, dpo)), one.dpo, 1e-5);
    expectNear(exp(rlhf(space, tabularRewards(space), comparisons, dpo)), one.dpo, 1e-5);
    const memoryless = memorylessPolicies(space);
    expectNear(exp(softOptimalInClass(space, memoryless, one.rewards).values), one.memorylessRl, 1e-5);
    expectNear(exp(offlineMle(memoryless, comparisons)), one.memorylessOffline, 1e-5);
  });
});

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

describe("features", () => {
  test("of single tokens are one-hot per step", () => {
    const rows = tokenFeatures({ prompts: 1, actions: 3, horizon: 2 });
    expect(rows[5]).toEqual([1, 0, 0, 1]);
    expect(rows[0]).toEqual([0, 0, 0, 0]);
  });

  test("of interactions are orthogonal to one another and to a constant, with single tokens first", () => {
    const rows = interactionFeatures({ prompts: 1, actions: 2, horizon: 3 });
    const product = (a: readonly number[], b: readonly number[]) => a.map((x, at) => x * b[at]!);
    const columns = Array.from({ length: 7 }, (_, at) => rows.flatMap((row) => row.slice(at, at + 1)));
    for (const [at, column] of columns.entries()) {
      expect(column.reduce((sum, x) => sum + x, 0)).toBe(0);
      for (const other of columns.slice(0, at))
        expect(product(column, other).reduce((sum, x) => sum + x, 0)).toBe(0);
    }
    expect(rows[0]).toHaveLength(7);
    expect(rows[0]?.slice(0, 3)).toEqual([-1, -1, -1]);
    expect(columns[6]).toEqual(columns.slice(0, 3).reduce((a, b) => product(a, b)));
    expect(() => interactionFeatures({ prompts: 1, actions: 3, horizon: 2 })).toThrow(
      "2 tokens and 1 prompt",
    );
  });
});
