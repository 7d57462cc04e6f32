import { expect, test } from "vitest";
import { gapEstimates, optimumRows, tunedArmRows } from "../../../src/experiments/gap-closes/report.ts";
import type { TuningTable } from "../../../src/experiments/tuning.ts";
import { twoWordsTuning } from "../../../src/experiments/two-words/tuning.ts";
import { arms, type Label, variant } from "../../../src/results/labels.ts";
import { estimated, estimateName } from "../../../src/verdicts/estimates.ts";
import { armResult, seedResult } from "../../seed-results.ts";

const arm = (label: Label, greedyRewards: number[], outcomes: number[]) => ({
  ...armResult(label, 0),
  greedyRewards,
  outcomes,
  optimum: 4,
});
const results = [1, 2].map((seed) =>
  seedResult(seed, {
    arms: [
      arm(arms.dpo2x, [1, 2], [0, 0]),
      arm(arms.onlineDpo, [2, 4], [1, 0]),
      arm(variant(arms.dpo2x, "long"), [1, 1], [0, 0]),
      arm(variant(arms.onlineDpo, "long"), [3, 3], [1, 1]),
    ],
  }),
);
const interval = { draws: 1000, level: 0.95 };

test("a gap is estimated in the experiment's own task, in the main task, and as the second less the first", () => {
  const gaps = gapEstimates("greedy-win-rate", { treatment: arms.onlineDpo, control: arms.dpo2x }, "long");
  expect(gaps.map((gap) => estimated(results, gap, interval).mean)).toEqual([0.5, 1, 0.5]);
  expect(gaps.map(estimateName).at(-1)).toBe(
    "(Online DPO (DPO), long − DPO (2x), long) − (Online DPO (DPO) − DPO (2x))",
  );
});

test("every arm's share of the optimum is shown in percent", () => {
  expect(optimumRows(results)[1]).toEqual({
    arm: "Online DPO (DPO)",
    "gold, greedy": 3,
    optimum: 4,
    "share of the optimum, %": 75,
  });
  const unknown = results.map((one) => ({
    ...one,
    arms: one.arms.map((own) => ({ ...own, optimum: undefined })),
  }));
  expect(() => optimumRows(unknown)).toThrow('Seed 1 has no optimum of "DPO (2x)"');
});

test("a tuning's arms are shown with their means over seeds in percent", () => {
  const measured = { winRate: [0.4, 0.5], reward: [1, 1], shareOfOptimum: [0.5, 0.7] };
  const ids = twoWordsTuning.plan(0).arms.map(({ label }) => label.id);
  const table = { arms: Object.fromEntries(ids.map((id) => [id, measured])) } as unknown as TuningTable;
  expect(tunedArmRows(twoWordsTuning, table)[1]).toEqual({
    arm: "DPO, gamma 0",
    "win rate, %": 45,
    "share of the optimum, %": 60,
  });
  expect(() => tunedArmRows(twoWordsTuning, { ...table, arms: {} })).toThrow(
    'The table has no candidate "sft@gamma 0"',
  );
});
