import { describe, expect, it } from "vitest";
import { keyEnvConfig } from "../../../src/experiments/configs.ts";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { openTask } from "../../../src/experiments/open-task.ts";
import { mainComparisonPlan } from "../../../src/experiments/plans/main-comparison.ts";
import { rougeLConfig, rougeLPlan } from "../../../src/experiments/plans/rouge-l.ts";
import { twoWordsConfig, twoWordsPlan } from "../../../src/experiments/plans/two-words.ts";

const main = mainComparisonPlan(laboratory(keyEnvConfig("laptop"), 3));

describe.each([
  ["two words", twoWordsPlan("laptop", 3), twoWordsConfig("laptop"), "five clauses"],
  ["ROUGE-L", rougeLPlan("laptop", 3), rougeLConfig("laptop"), "facts"],
] as const)("the gap's closing with %s", (_, { arms, verifiers }, config, usual) => {
  const own = mainComparisonPlan(laboratory(config, 3));

  it("is read from the main comparison's arms in the task, and from those of the usual task beside them", () => {
    for (const id of ["sft", "dpo", "dpo-2x", "online-sft", "online-dpo"]) {
      expect(arms[id]).toEqual(own.arms[id]);
      expect(arms[`${id}@${usual}`]).toEqual(main.arms[id]);
    }
    for (const id of ["global", "dpo"]) {
      expect(verifiers![id]).toEqual(own.verifiers![id]);
      expect(verifiers![`${id}@${usual}`]).toEqual(main.verifiers![id]);
    }
  });

  it("asks the same posts of both tasks", () => {
    const sizes = { demonstrations: 1, pairs: 3, validation: 1, evaluation: 3 };
    const posts = (id: string) => {
      const { prompts, evaluation } = openTask(arms[id]!.setting.task).data(3, sizes);
      return [...prompts, ...evaluation.map(({ prompt }) => prompt)].map(({ tokens }) => [...tokens]);
    };
    expect(posts("sft")).toEqual(posts(`sft@${usual}`));
    expect(arms.sft!.setting.sizes).toEqual(arms[`sft@${usual}`]!.setting.sizes);
  });
});
