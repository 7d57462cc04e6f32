import { expect, test } from "vitest";
import { goldScorer } from "../../src/tasks/task.ts";
import { data, task } from "../laboratory.ts";

test("the gold scorer gives each sample its gold reward", () => {
  expect(goldScorer(task)(data.evaluation)).toEqual(
    data.evaluation.map(({ prompt, completion }) => task.score(prompt, completion)),
  );
});
