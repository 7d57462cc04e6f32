import { expect, test } from "vitest";
import { mostDisputed } from "../../../src/experiments/main-comparison/report.ts";
import type { ArmResult } from "../../../src/results/collect.ts";
import { arms, type Label } from "../../../src/results/labels.ts";
import { openTask } from "../../../src/tasks/open-task.ts";
import { armResult, seedResult } from "../../seed-results.ts";
import { tinyConfig } from "../../tiny-config.ts";

const config = { ...tinyConfig, sizes: { ...tinyConfig.sizes, evaluation: 3 } };
const task = openTask(config.task);
const { evaluation } = task.data(21, config.sizes);
const writing = (arm: Label, ...completions: number[][]): ArmResult => ({
  ...armResult(arm, 0),
  completions,
});

test("the most disputed prompt is the first with the most different completions", () => {
  const result = seedResult(21, {
    arms: [
      writing(arms.sft, [4], [5], [6, 7]),
      writing(arms.dpo, [4], [6], [6]),
      writing(arms.onlineSft, [4], [6], [7]),
    ],
  });
  const { prompt, rows } = mostDisputed(result, config);
  const [, , last] = evaluation;
  if (last === undefined) throw new Error("There are fewer than three evaluation prompts.");
  expect(prompt).toBe(task.text(last.prompt.tokens));
  expect(rows).toEqual(
    [
      { arm: "SFT", completion: [6, 7] },
      { arm: "DPO", completion: [6] },
      { arm: "Online DPO (SFT)", completion: [7] },
      { arm: "reference", completion: last.completion },
    ].map(({ arm, completion }) => ({
      arm,
      summary: task.text(completion),
      "gold reward": task.score(last.prompt, completion),
    })),
  );
  const agreed = seedResult(21, {
    arms: [writing(arms.sft, [4], [5], [6]), writing(arms.dpo, [5], [6], [6])],
  });
  const [first] = evaluation;
  expect(mostDisputed(agreed, config).prompt).toBe(first && task.text(first.prompt.tokens));
});

test("prompts without kept completions are not compared", () => {
  const agreed = seedResult(21, { arms: [writing(arms.sft, [4]), writing(arms.dpo, [4], [5])] });
  const [first] = evaluation;
  expect(mostDisputed(agreed, config).prompt).toBe(first && task.text(first.prompt.tokens));
  const none = seedResult(21, { arms: [writing(arms.sft)] });
  expect(() => mostDisputed(none, config)).toThrow("The results of seed 21 keep no completions to compare.");
});
