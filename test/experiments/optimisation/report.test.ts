import { expect, test } from "vitest";
import { morePromptsPlan } from "../../../src/experiments/optimisation/more-prompts.ts";
import { stepPoints } from "../../../src/experiments/optimisation/report.ts";
import { tunedLaboratory } from "../../../src/experiments/tuned/laboratory.ts";
import { armResult, seedResult } from "../../seed-results.ts";

const plan = morePromptsPlan(tunedLaboratory("smoke", 201));
/** An arm's win rate in hundredths is the length of its id. */
const results = [
  seedResult(201, { arms: plan.arms.map(({ label }) => armResult(label, label.id.length / 100)) }),
];

test("an epoch on three times the prompts has three times the steps", () => {
  const points = stepPoints(results).filter(({ series }) => series.id === "online-sft@3 × the prompts");
  expect(points.map(({ x }) => x)).toEqual([3, 6, 12, 18]);
  expect(points[0]?.value).toBe("online-sft@3 × the prompts, 1 epoch".length / 100);
  const offline = stepPoints(results).filter(({ series }) => series.id === "dpo");
  expect(offline.map(({ x }) => x)).toEqual([1, 2, 3, 5, 8, 12, 18]);
});
