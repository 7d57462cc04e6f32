import { describe, expect, it } from "vitest";
import { mean } from "../../../src/evaluation/statistics.ts";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { rougeLConfig, rougeLPlan } from "../../../src/experiments/rouge-l/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { readTuning } from "../../../src/experiments/tuning.ts";
import { twoWordsConfig, twoWordsPlan } from "../../../src/experiments/two-words/plan.ts";
import { openTask } from "../../../src/tasks/open-task.ts";

const main = mainComparisonPlan(laboratory(keyEnvConfig("laptop"), 3));

describe("the tuning of two words", () => {
  it("gave the gamma that is used: DPO is between half and 95 % of the optimum, and DPO (2x) leaves most room", () => {
    const { arms } = readTuning("10-ablation-two-words");
    const share = (arm: string, gamma: number) => mean(arms[`${arm}@gamma ${gamma}`]!.shareOfOptimum!);
    const fit = [0, 0.3].filter((gamma) => share("dpo", gamma) > 0.5 && share("dpo", gamma) < 0.95);
    const roomiest = fit.toSorted((a, b) => share("dpo-2x", a) - share("dpo-2x", b))[0];
    expect(twoWordsConfig("laptop").task).toEqual(twoWordsConfig("laptop", roomiest).task);
  });
});

describe("the tuning of ROUGE-L", () => {
  it("gave the tau that is used: the one with the more accurate reward model", () => {
    const { scorers } = readTuning("11-ablation-rouge-l");
    const accuracy = (tau: string) => mean(scorers[`global@tau ${tau}`]!.accuracy);
    const best = ["0.06", "0.12"].toSorted((a, b) => accuracy(b) - accuracy(a))[0]!;
    expect(rougeLConfig("laptop").task).toEqual(rougeLConfig("laptop", Number(best)).task);
  });
});

describe.each([
  ["two words", twoWordsPlan("laptop", 3), twoWordsConfig("laptop"), "five clauses"],
  ["ROUGE-L", rougeLPlan("laptop", 3), rougeLConfig("laptop"), "facts"],
] as const)("the gap's closing with %s", (_, { arms, scorers }, config, usual) => {
  const own = mainComparisonPlan(laboratory(config, 3));

  it("is read from the main comparison's arms in the task, and from those of the usual task beside them", () => {
    for (const id of ["sft", "dpo", "dpo-2x", "online-sft", "online-dpo"]) {
      expect(arms[id]).toEqual(own.arms[id]);
      expect(arms[`${id}@${usual}`]).toEqual(main.arms[id]);
    }
    for (const id of ["global", "dpo"]) {
      expect(scorers![id]).toEqual(own.scorers![id]);
      expect(scorers![`${id}@${usual}`]).toEqual(main.scorers![id]);
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
