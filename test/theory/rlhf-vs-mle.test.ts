import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { largestDifference } from "../../src/theory/distributions.ts";
import { rlhfMleGap } from "../../src/theory/equivalence.ts";
import { tokenFeatures } from "../../src/theory/features.ts";
import {
  linearRewards,
  localRewards,
  memorylessPolicies,
  policyClass,
  tabularRewards,
} from "../../src/theory/function-classes.ts";
import { completionLogps, randomPolicy } from "../../src/theory/policies.ts";
import { exactPreferences } from "../../src/theory/preferences.ts";
import { maximumLikelihood, offlineMle, rlhf, softOptimalInClass } from "../../src/theory/rlhf-vs-mle.ts";
import { gibbs } from "../../src/theory/soft-rl.ts";
import { anyPreferences, anyProblem, expectNear } from "./arbitraries.ts";
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

describe("scipy's optima", () => {
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
