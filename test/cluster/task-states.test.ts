import { expect, test } from "vitest";
import type { QueuedTask } from "../../src/cluster/queue.ts";
import { taskStates } from "../../src/cluster/task-states.ts";

const task = (seed: number) => ({ seed, results: ["a", "b"], cost: 1 });
const array = (job: string, ...seeds: number[]) => ({ job, seeds, submitted: "" });
const entry = (job: string, index: number, state: string, node = "", reason = ""): QueuedTask => ({
  job,
  index,
  state,
  node,
  reason,
});
const tasks = [1, 2, 3, 4].map(task);
const held = new Map([
  [1, { count: 2 }],
  [2, { count: 1 }],
]);

test("the run store says first what is done, and Slurm second what becomes of the rest", () => {
  const queue = [
    entry("7", 0, "FAILED", "n1"),
    entry("7", 1, "RUNNING", "n2"),
    entry("7", 2, "PENDING", "", "Priority"),
  ];
  expect(taskStates({ tasks, arrays: [array("7", 1, 2, 3, 4)] }, held, queue)).toEqual([
    { seed: 1, held: 2, total: 2, isActive: false, words: "done" },
    { seed: 2, held: 1, total: 2, isActive: true, words: "running on n2" },
    { seed: 3, held: 0, total: 2, isActive: true, words: "pending (Priority)" },
    { seed: 4, held: 0, total: 2, isActive: false, words: "not in the queue" },
  ]);
});

test("of a seed that was submitted again the newest task counts", () => {
  const arrays = [array("7", 1, 2), array("9", 2)];
  const queue = [entry("7", 1, "TIMEOUT", "n1"), entry("9", 0, "RUNNING", "n2")];
  const [, second] = taskStates({ tasks, arrays }, held, queue);
  expect(second).toMatchObject({ isActive: true, words: "running on n2" });
});

test("without an answer of Slurm the run store is all that is known", () => {
  const states = taskStates({ tasks, arrays: [array("7", 1, 2)] }, held, undefined);
  expect(states.map(({ words }) => words)).toEqual(["done", "not done", "not done", "not done"]);
  expect(states.some(({ isActive }) => isActive)).toBe(false);
});
