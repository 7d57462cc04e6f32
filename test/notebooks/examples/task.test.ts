import * as allroads from "allroads";
import { expect, test } from "vitest";
import { sorting } from "../../../notebooks/examples/task.ts";
import { temporaryFolder } from "../../temporary.ts";
import { compute, example, tinyConfig } from "./tiny.ts";

const specOf = (digits: number) => ({
  name: "sorting",
  code: allroads.userCode(example("task"), "sorting", { digits }),
});
const configOf = (digits: number): allroads.LaboratoryConfig => ({
  ...tinyConfig,
  task: specOf(digits),
  sizes: { demonstrations: 2000, pairs: 64, validation: 8, evaluation: 64 },
  model: allroads.neoxConfig(specOf(digits), 16, 2, 2),
  sft: { ...tinyConfig.sft, epochs: 4 },
});

test("the task draws the same data for a seed and rewards sorted digits", () => {
  const task = sorting({ digits: 3 });
  const sizes = { demonstrations: 3, pairs: 2, validation: 1, evaluation: 1 };
  expect(sorting({ digits: 3 }).data(1, sizes)).toEqual(task.data(1, sizes));
  const prompt = { tokens: [12, 3, 5, 2] };
  expect(task.text(prompt.tokens)).toBe("9 0 2 sorted:");
  expect(task.score(prompt, [3, 5, 12, 1])).toBe(1);
  expect(task.score(prompt, [3, 12, 5, 1])).toBe(0.5);
  expect(task.isMalformed(prompt, [3, 5, 1])).toBe(true);
});

test("a policy learns a user's task by SFT and goes through every kind of stage", async () => {
  const lab = allroads.laboratory(configOf(2), 3);
  const { arm, arms, judged, scorers } = allroads;
  const planned = allroads.seedPlan(3, {
    arms: [arm(arms.sft, lab.sft), arm(arms.dpo, lab.dpo(1)), arm(arms.onlineSft, lab.online(lab.sft))],
    scorers: [judged(scorers.global, lab.verification(lab.reward))],
  });
  const store = await compute(temporaryFolder("task"), allroads.results.wantedStages(planned));
  const result = allroads.results.collect(planned, allroads.results.storeRecords(store));
  expect(result.missing).toEqual([]);
  for (const { greedyRewards } of result.arms)
    expect(allroads.evaluation.mean(greedyRewards)).toBeGreaterThan(0.8);
});

test("a task with other options gives other stages", () => {
  const [two, three] = [2, 3].map((digits) => allroads.laboratory(configOf(digits), 3).sft);
  expect(two && allroads.pipeline.stageId(two)).not.toBe(three && allroads.pipeline.stageId(three));
});
