import { expect, test } from "vitest";
import { decisions, goldScorer } from "../../src/tasks/task.ts";
import { data, task } from "../laboratory.ts";

test("the gold scorer gives each sample its gold reward", () => {
  expect(goldScorer(task)(data.evaluation)).toEqual(
    data.evaluation.map(({ prompt, completion }) => task.score(prompt, completion)),
  );
});

test("the policy decides every token but those that the decoder copies", () => {
  const forcedNext = Int32Array.of(-1, 3, -1, -1);
  expect(decisions([1, 3, 2, 1, 3, 0], forcedNext)).toEqual([true, false, true, true, false, true]);
  expect(decisions([1, 3], undefined)).toEqual([true, true]);
  expect(decisions([], forcedNext)).toEqual([]);
});
