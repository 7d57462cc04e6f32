import { expect, test } from "vitest";
import { rewardModelSizes } from "../../../src/experiments/reward-model-size/plan.ts";
import { rewardModelSizeTuning, sizeCandidate } from "../../../src/experiments/reward-model-size/tuning.ts";
import { readTuning } from "../../../src/experiments/tuning.ts";
import { bestCandidate } from "../best-candidate.ts";

test("every learning rate is tried for every size, judged on validation prompts", () => {
  const { scorers = [] } = rewardModelSizeTuning.plan(0);
  expect(scorers).toHaveLength(rewardModelSizes.reduce((sum, { tried }) => sum + tried.length, 0));
  for (const { stage } of scorers) expect(stage.split).toBe("validation");
});

test.each(rewardModelSizes)("d = $width has the learning rate that did best, inside those tried", (size) => {
  const { width, learningRate, tried } = size;
  const candidates = tried.map((rate) => sizeCandidate(width, rate));
  const best = bestCandidate(readTuning("09-ablation-rm-size"), candidates);
  expect(best).toEqual(sizeCandidate(width, learningRate));
  expect(learningRate).toBeGreaterThan(Math.min(...tried));
  expect(learningRate).toBeLessThan(Math.max(...tried));
});
