import { describe, expect, test } from "vitest";
import { checkSubmittedTask, SUBMITTED_TASK, taskDigest, tasksOf } from "../../src/cluster/tasks.ts";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import { definitionId } from "../../src/pipeline/stage.ts";
import { withAncestors } from "../../src/pipeline/stage-id.ts";

const lab = (seed: number) => laboratory(keyEnvConfig("smoke"), seed);
const stages = [lab(4).sft, lab(3).dpo(1), lab(5).dpo(1), lab(5).dpo(5)];

describe("tasks", () => {
  test("are one per seed, the largest first, with every stage and what it needs", () => {
    const tasks = tasksOf(stages);
    expect(tasks.map(({ seed }) => seed)).toEqual([5, 3, 4]);
    expect(tasks.flatMap(({ results }) => results)).toHaveLength(withAncestors(stages, definitionId).length);
    expect(new Set(tasks.flatMap(({ results }) => results)).size).toBe(
      withAncestors(stages, definitionId).length,
    );
  });

  test("compute what was submitted, or refuse with one sentence", () => {
    const [task] = tasksOf([lab(3).sft]);
    const env = { [SUBMITTED_TASK]: taskDigest(task!) };
    expect(() => checkSubmittedTask([lab(3).sft], env)).not.toThrow();
    expect(() => checkSubmittedTask([lab(3).sft], {})).not.toThrow();
    for (const other of [lab(3).dpo(1), lab(4).sft])
      expect(() => checkSubmittedTask([other], env)).toThrow(
        /^Seed \d was submitted with other code or data than are here now: .* allroads jobs retry\.$/,
      );
  });
});
