import { describe, expect, test } from "vitest";
import { randomStream } from "../../src/tensors/random.ts";
import { tabularRewards } from "../../src/theory/function-classes.ts";
import {
  exactPreferences,
  preferenceLoss,
  preferenceProbability,
  randomRewards,
} from "../../src/theory/preferences.ts";
import { maximumLikelihood } from "../../src/theory/rlhf-vs-mle.ts";
import { expectGradient, expectNear } from "./arbitraries.ts";
import { last, reference, toComparisons } from "./reference.ts";

describe("preferenceLoss", () => {
  test("is minimised by choix's maximum-likelihood rewards", () => {
    for (const { pairs, rewards, loss } of reference.bradleyTerry) {
      const space = { prompts: 1, actions: Math.max(2, rewards.length), horizon: 1 };
      const comparisons = toComparisons(pairs);
      const fit = maximumLikelihood(tabularRewards(space), comparisons);
      expectNear(fit.values, rewards, 1e-7);
      expect(fit.loss).toBeCloseTo(loss, 12);
      expect(preferenceLoss(rewards, comparisons).value).toBeCloseTo(loss, 14);
    }
  });

  test("has the gradient of finite differences, which is zero along a constant", () => {
    const { pairs, rewards } = last(reference.bradleyTerry);
    const comparisons = toComparisons(pairs);
    const at = rewards.map((reward, place) => reward + Math.sin(place));
    const { gradient } = preferenceLoss(at, comparisons);
    expectGradient((x) => preferenceLoss(x, comparisons).value, gradient, at, 8);
    expect(gradient.reduce((sum, slope) => sum + slope, 0)).toBeCloseTo(0, 15);
  });

  test("is ln 2 for equal rewards, and does not overflow", () => {
    const one = [{ chosen: 0, rejected: 1, weight: 3 }];
    expect(preferenceLoss([7, 7], one).value).toBeCloseTo(Math.LN2, 15);
    expect(preferenceLoss([0, 5000], one).value).toBe(5000);
    expect(preferenceLoss([5000, 0], one).value).toBe(0);
  });

  test("throws without comparisons, and if a compared completion has no reward", () => {
    expect(() => preferenceLoss([0, 0], [])).toThrow("comparisons are empty");
    expect(() => preferenceLoss([0, 0], [{ chosen: 1, rejected: 2, weight: 1 }])).toThrow(
      "Completions 1 and 2 are compared, but only 2 rewards are given.",
    );
  });
});

test("exactPreferences weights each order of a pair by its probability", () => {
  const space = { prompts: 2, actions: 2, horizon: 1 };
  const rewards = [0, 1, 3, -1];
  const all = exactPreferences(space, rewards);
  expect(all).toHaveLength(4);
  const [high, low] = [preferenceProbability(4), preferenceProbability(1)];
  const weights = new Map(all.map(({ chosen, rejected, weight }) => [`${chosen} over ${rejected}`, weight]));
  expect(weights.get("1 over 0")).toBeCloseTo(low, 15);
  expect(weights.get("0 over 1")).toBeCloseTo(1 - low, 15);
  expect(weights.get("2 over 3")).toBeCloseTo(high, 15);
  expect(weights.get("3 over 2")).toBeCloseTo(1 - high, 15);
});

test("randomRewards depends on the stream only", () => {
  const space = { prompts: 2, actions: 2, horizon: 3 };
  const draw = () => randomRewards(space, randomStream(3, "x"), 2);
  expect(draw()).toEqual(draw());
  expect(draw()).toHaveLength(16);
});
