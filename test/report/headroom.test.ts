import { expect, test } from "vitest";
import { headroomSentence } from "../../src/report/headroom.ts";
import { arms } from "../../src/results/labels.ts";

const summaries = (sft: number, dpo: number, online: number, malformed = 0) =>
  [
    { arm: arms.sft, rate: sft },
    { arm: arms.dpo, rate: dpo },
    { arm: arms.onlineSft, rate: online },
  ].map(({ arm, rate }) => ({
    arm,
    seeds: 3,
    winRate: { mean: rate, low: rate, high: rate },
    goldGreedy: 0,
    goldSampled: 0,
    entropy: 1,
    malformed,
  }));

test("says if every arm is at the floor or the ceiling", () => {
  expect(headroomSentence(summaries(0.02, 0.05, 0.099))).toMatch(
    /^At the floor: even the best arm \(Online DPO \(SFT\) at 9\.9 %\)/,
  );
  expect(headroomSentence(summaries(0.95, 0.91, 0.99))).toMatch(
    /^At the ceiling: even the weakest arm \(DPO at 91\.0 %\)/,
  );
});

test("says if no arm has learned the task's form", () => {
  expect(headroomSentence(summaries(0.2, 0.05, 0.4, 0.95))).toMatch(
    /^No arm has learned the task's form: at least 95 %/,
  );
});

test("otherwise names the weakest and the best arm", () => {
  expect(headroomSentence(summaries(0.2, 0.05, 0.4))).toBe(
    "Win rates run from DPO at 5.0 % to Online DPO (SFT) at 40.0 %: there is room for arms to differ.",
  );
  expect(() => headroomSentence([])).toThrow("headroomSentence needs at least one arm.");
});
