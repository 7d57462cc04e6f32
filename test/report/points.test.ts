import { expect, test } from "vitest";
import { estimatedPoints, measuredPoints } from "../../src/report/points.ts";
import { arms, variant } from "../../src/results/labels.ts";
import { armResult, seedResult } from "../seed-results.ts";

const slow = variant(arms.dpo, "lr × 1/3");
const results = [41, 42].map((seed, at) =>
  seedResult(seed, { arms: [armResult(arms.dpo, 0.5 + at / 4), armResult(slow, 0.25)] }),
);

test("a measure of several arms is a series of points", () => {
  const places = [
    { series: arms.dpo, x: 1, label: slow },
    { series: arms.dpo, x: 3, label: arms.dpo },
  ];
  expect(measuredPoints(results, "greedy-win-rate", places)).toEqual([
    { series: arms.dpo, x: 1, seed: 41, value: 0.25 },
    { series: arms.dpo, x: 1, seed: 42, value: 0.25 },
    { series: arms.dpo, x: 3, seed: 41, value: 0.5 },
    { series: arms.dpo, x: 3, seed: 42, value: 0.75 },
  ]);
});

test("estimates are a series of points", () => {
  const estimate = { metric: "greedy-win-rate", treatment: arms.dpo, control: slow };
  expect(estimatedPoints(results, [{ series: arms.dpo, x: 1, estimate }])).toEqual([
    { series: arms.dpo, x: 1, seed: 41, value: 0.25 },
    { series: arms.dpo, x: 1, seed: 42, value: 0.5 },
  ]);
});
