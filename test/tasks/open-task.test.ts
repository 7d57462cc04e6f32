import { expect, it } from "vitest";
import { keyEnv } from "../../src/tasks/key-env/task.ts";
import { openTask, type TaskSpec, taskIdentity } from "../../src/tasks/open-task.ts";
import { ring } from "../../src/tasks/ring.ts";

const sizes = { demonstrations: 30, pairs: 3, validation: 2, evaluation: 48 };

it("opens the small environments by name and options, which are their identity", () => {
  const walks: TaskSpec = { name: "ring", options: { horizon: 2 } };
  expect(openTask(walks).data(4, sizes)).toEqual(ring({ horizon: 2 }).data(4, sizes));
  expect(openTask(walks)).toBe(openTask({ name: "ring", options: { horizon: 2 } }));
  const summaries: TaskSpec = { name: "key-env", options: { clauses: 7, reward: "rouge-l" } };
  expect(openTask(summaries).data(4, sizes)).toEqual(keyEnv(summaries.options).data(4, sizes));
  expect([walks, summaries].map(taskIdentity)).toEqual([walks, summaries]);
});
