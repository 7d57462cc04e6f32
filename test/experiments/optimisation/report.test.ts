import { expect, test } from "vitest";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { optimisationPlan } from "../../../src/experiments/optimisation/plan.ts";
import { learningRatePoints, stepPoints } from "../../../src/experiments/optimisation/report.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { armResult, seedResult } from "../../seed-results.ts";

const plan = optimisationPlan(laboratory(keyEnvConfig("smoke"), 3));
/** An arm's win rate in hundredths is the length of its id. */
const results = [
  seedResult(41, { arms: plan.arms.map(({ label }) => armResult(label, label.id.length / 100)) }),
];
const rateOf = (id: string) => id.length / 100;

test("win rates are drawn at every learning rate of both arms", () => {
  const points = learningRatePoints(results, 1e-3).filter(({ series }) => series.id === "online-sft");
  expect(points.map(({ x, value }) => [x, value])).toEqual([
    [3.3e-4, rateOf("online-sft@lr × 1/3")],
    [1e-3, rateOf("online-sft")],
    [3e-3, rateOf("online-sft@lr × 3")],
    [9e-3, rateOf("online-sft@lr × 9")],
  ]);
});

test("the series of more prompts starts at one online epoch", () => {
  const points = stepPoints(results).filter(({ series }) => series.id === "online-sft@more prompts");
  expect(points.map(({ x, value }) => [x, value])).toEqual([
    [1, rateOf("online-sft")],
    [3, rateOf("online-sft@more prompts")],
  ]);
});
