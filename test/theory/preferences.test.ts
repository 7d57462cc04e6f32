import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../../src/tensors/random.ts";
import { tabularRewards } from "../../src/theory/classes.ts";
import { matchedPreferences } from "../../src/theory/coverage.ts";
import {
  exactPreferences,
  hasUniqueMaximiser,
  preferenceLoss,
  preferenceProbability,
  randomRewards,
} from "../../src/theory/preferences.ts";
import { maximumLikelihood } from "../../src/theory/roads.ts";
import { anyPreferences, expectGradient, expectNear } from "./laws.ts";
import { comparisonsOf, reference } from "./reference.ts";

describe("Bradley and Terry's likelihood", () => {
  test("is maximised where choix maximises it", () => {
    for (const { pairs, rewards, loss } of reference.bradleyTerry) {
      const space = { prompts: 1, actions: Math.max(2, rewards.length), horizon: 1 };
      const comparisons = comparisonsOf(pairs);
      const fit = maximumLikelihood(tabularRewards(space), comparisons);
      expectNear(fit.values, rewards, 1e-7);
      expect(fit.loss).toBeCloseTo(loss, 12);
      expect(preferenceLoss(rewards, comparisons).value).toBeCloseTo(loss, 14);
    }
  });

  test("has the gradient that differences give, and none along a constant", () => {
    const { pairs, rewards } = reference.bradleyTerry.at(-1)!;
    const comparisons = comparisonsOf(pairs);
    const at = rewards.map((reward, place) => reward + Math.sin(place));
    const { gradient } = preferenceLoss(at, comparisons);
    expectGradient((x) => preferenceLoss(x, comparisons).value, gradient, at, 8);
    expect(gradient.reduce((sum, slope) => sum + slope, 0)).toBeCloseTo(0, 15);
  });

  test("is ln 2 where rewards are equal, and does not overflow", () => {
    const one = [{ chosen: 0, rejected: 1, weight: 3 }];
    expect(preferenceLoss([7, 7], one).value).toBeCloseTo(Math.LN2, 15);
    expect(preferenceLoss([0, 5000], one).value).toBe(5000);
    expect(preferenceLoss([5000, 0], one).value).toBe(0);
    expect(() => preferenceLoss([0, 0], [])).toThrow("comparisons are empty");
  });
});

describe("whether the maximiser is unique", () => {
  const space = { prompts: 1, actions: 3, horizon: 1 };
  const wins = (...pairs: [number, number][]) =>
    pairs.map(([chosen, rejected]) => ({ chosen, rejected, weight: 1 }));

  test("needs a chain of wins from each completion to each other", () => {
    expect(hasUniqueMaximiser(space, wins([0, 1], [1, 2], [2, 0]))).toBe(true);
    expect(hasUniqueMaximiser(space, wins([0, 1], [1, 2], [0, 2]))).toBe(false);
    expect(hasUniqueMaximiser(space, wins([0, 1], [1, 0]))).toBe(false);
    expect(hasUniqueMaximiser(space, wins([0, 1], [1, 0], [1, 2], [2, 0]))).toBe(true);
    expect(hasUniqueMaximiser({ ...space, prompts: 2 }, wins([0, 1], [1, 2], [2, 0]))).toBe(false);
  });

  test("holds of noisy preferences over everything, and not of matched ones", () => {
    fc.assert(
      fc.property(anyPreferences, ({ space: any, comparisons, stream }) => {
        expect(hasUniqueMaximiser(any, comparisons)).toBe(true);
        const one = { prompts: 1, actions: 2, horizon: 3 };
        expect(hasUniqueMaximiser(one, matchedPreferences(one, stream))).toBe(false);
      }),
      { numRuns: 30 },
    );
  });
});

test("preferences without noise are weighted by their probabilities", () => {
  const space = { prompts: 2, actions: 2, horizon: 1 };
  const rewards = [0, 1, 3, -1];
  const all = exactPreferences(space, rewards);
  expect(all).toHaveLength(4);
  for (const { chosen, rejected, weight } of all)
    expect(weight).toBeCloseTo(preferenceProbability(rewards[chosen]! - rewards[rejected]!), 15);
});

test("random rewards are of their stream", () => {
  const space = { prompts: 2, actions: 2, horizon: 3 };
  const draw = () => randomRewards(space, randomStream(3, "x"), 2);
  expect(draw()).toEqual(draw());
  expect(draw()).toHaveLength(16);
});
