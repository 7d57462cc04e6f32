import { expect, it } from "vitest";
import { headroomSentence } from "../../src/report/headroom.ts";

const arms = (rates: number[], errors = 0) =>
  rates.map((mean, index) => ({
    arm: ["sft", "dpo", "online-sft"][index]!,
    seeds: 3,
    winRate: { mean, low: mean, high: mean },
    goldGreedy: 0,
    goldSampled: 0,
    entropy: 1,
    errors,
  }));

it("tells floor, ceiling and formless output from results that can differ", () => {
  expect(headroomSentence(arms([0.02, 0.05, 0.099]))).toMatch(
    /^At the floor: even the best arm \(Online DPO \(SFT\) at 9\.9 %\)/,
  );
  expect(headroomSentence(arms([0.95, 0.91, 0.99]))).toMatch(
    /^At the ceiling: even the weakest arm \(DPO at 91\.0 %\)/,
  );
  expect(headroomSentence(arms([0.2, 0.05, 0.4]))).toBe(
    "Win rates run from DPO at 5.0 % to Online DPO (SFT) at 40.0 %: there is room for arms to differ.",
  );
  expect(headroomSentence(arms([0.2, 0.05, 0.4], 0.95))).toMatch(
    /^No arm has learned the task's form: at least 95 %/,
  );
});
