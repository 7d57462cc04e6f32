import { describe, expect, test } from "vitest";
import { arms, type Label, scorers } from "../../src/results/labels.ts";
import {
  associationPoints,
  type DifferenceEstimate,
  type Estimate,
  estimated,
  estimateLabels,
  estimateName,
  type SlopeEstimate,
} from "../../src/verdicts/estimates.ts";
import { armResult, scorerResult, seedResult } from "../seed-results.ts";

const interval = { draws: 1000, level: 0.95 };
const seedWith = (seed: number, rates: readonly (readonly [Label, number])[]) =>
  seedResult(seed, { arms: rates.map(([arm, rate]) => armResult(arm, rate)) });

const difference: DifferenceEstimate = {
  metric: "greedy-win-rate",
  treatment: arms.onlineDpo,
  control: arms.dpo,
};
const results = [
  seedWith(1, [
    [arms.sft, 0.1],
    [arms.dpo, 0.2],
    [arms.onlineDpo, 0.9],
  ]),
  seedWith(2, [
    [arms.sft, 0],
    [arms.dpo, 0.2],
    [arms.onlineDpo, 0.7],
  ]),
];

test("a difference is paired by seed", () => {
  const found = estimated(results, difference, interval);
  expect(found.mean).toBeCloseTo(0.6);
  expect(found.values.map(({ seed }) => seed)).toEqual([1, 2]);
});

test("a difference of differences subtracts the second", () => {
  const estimate = { ...difference, less: { treatment: arms.dpo, control: arms.sft } };
  expect(estimated(results, estimate, interval).mean).toBeCloseTo(0.6 - 0.15);
  expect(estimateName(estimate)).toBe("(Online DPO (DPO) − DPO) − (DPO − SFT)");
  expect(estimateLabels(estimate)).toEqual([arms.onlineDpo, arms.dpo, arms.dpo, arms.sft]);
});

describe("a slope", () => {
  const slope = (scale: SlopeEstimate["scale"], [a, b, c]: [number, number, number]): SlopeEstimate => ({
    metric: "greedy-win-rate",
    name: "slope",
    scale,
    slope: [
      { at: a, treatment: arms.dpo, control: arms.sft },
      { at: b, treatment: arms.dpo2x, control: arms.sft },
      { at: c, treatment: arms.onlineDpo, control: arms.sft },
    ],
  });

  test("is exact for points on a line, on a linear or logarithmic scale", () => {
    const line = [
      seedWith(1, [
        [arms.sft, 0],
        [arms.dpo, 0.1],
        [arms.dpo2x, 0.2],
        [arms.onlineDpo, 0.3],
      ]),
    ];
    expect(estimated(line, slope("log2", [1, 2, 4]), interval).mean).toBeCloseTo(0.1);
    expect(estimated(line, slope("linear", [0, 5, 10]), interval).mean).toBeCloseTo(0.02);
  });
});

test("an association is the slope of one difference on another", () => {
  const gap = (verification: number) =>
    seedResult(1, {
      arms: [armResult(arms.sft, 0), armResult(arms.dpo, 0.1), armResult(arms.onlineDpo, 0.3)],
      scorers: [
        scorerResult(scorers.dpo, 0.5),
        scorerResult(scorers.local, 0.5 + verification),
        scorerResult(scorers.global, 0.5 + 3 * verification),
      ],
    });
  const estimate: Estimate = {
    metric: "greedy-win-rate",
    name: "association",
    on: "accuracy",
    points: [
      { treatment: arms.dpo, control: arms.sft, on: { treatment: scorers.local, control: scorers.dpo } },
      {
        treatment: arms.onlineDpo,
        control: arms.sft,
        on: { treatment: scorers.global, control: scorers.dpo },
      },
    ],
  };
  expect(associationPoints(gap(0.1), estimate).map(({ label }) => label)).toEqual([arms.dpo, arms.onlineDpo]);
  expect(estimated([gap(0.1)], estimate, interval).mean).toBeCloseTo(1);
});

test("a missing arm is named", () => {
  const estimate = { ...difference, treatment: arms.dpo5x };
  expect(() => estimated(results, estimate, interval)).toThrow(
    'Seed 1 has no arm "DPO (5x)"; it has SFT, DPO, Online DPO (DPO).',
  );
});
