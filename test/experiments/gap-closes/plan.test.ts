import { describe, expect, test } from "vitest";
import { gapArms, gapScorers, inMainTask } from "../../../src/experiments/gap-closes/plan.ts";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { rougeLConfig, rougeLPlan } from "../../../src/experiments/rouge-l/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { twoWordsConfig, twoWordsPlan } from "../../../src/experiments/two-words/plan.ts";
import { sortLabels } from "../../../src/results/labels.ts";
import { openTask } from "../../../src/tasks/open-task.ts";
import { policyIn, scorerIn, verificationIn } from "../in-plan.ts";

const main = mainComparisonPlan(laboratory(keyEnvConfig("laptop"), 3));

describe.each([
  ["two words", twoWordsPlan("laptop", 3), twoWordsConfig("laptop"), "five clauses"],
  ["ROUGE-L", rougeLPlan("laptop", 3), rougeLConfig("laptop"), "facts"],
] as const)("the plan on %s", (_, plan, config, mainName) => {
  test("has the main comparison's arms and scorers in both tasks", () => {
    const own = mainComparisonPlan(laboratory(config, 3));
    for (const id of ["sft", "dpo", "dpo-2x", "online-sft", "online-dpo"]) {
      expect(policyIn(plan, id)).toEqual(policyIn(own, id));
      expect(policyIn(plan, `${id}@${mainName}`)).toEqual(policyIn(main, id));
    }
    for (const id of ["global", "dpo"]) {
      expect(verificationIn(plan, id)).toEqual(verificationIn(own, id));
      expect(verificationIn(plan, `${id}@${mainName}`)).toEqual(verificationIn(main, id));
    }
  });

  test("has the listed arms in its own task and the listed scorers in both", () => {
    const own = plan.arms.map(({ label }) => label).filter(({ variant }) => variant !== mainName);
    expect(sortLabels(own)).toEqual(gapArms);
    const inBoth = [...gapScorers, ...gapScorers.map((scorer) => inMainTask(scorer, mainName))];
    expect(plan.scorers?.map(({ label }) => label)).toEqual(inBoth);
  });

  test("judges DPO's implicit reward after five epochs in both tasks", () => {
    expect(scorerIn(plan, "dpo-5x")).toEqual(policyIn(plan, "dpo-5x"));
    expect(scorerIn(plan, `dpo-5x@${mainName}`)).toEqual(policyIn(main, "dpo-5x"));
  });

  test("uses the same posts in both tasks", () => {
    const sizes = { demonstrations: 1, pairs: 3, validation: 1, evaluation: 3 };
    const posts = (id: string) => {
      const { prompts, evaluation } = openTask(policyIn(plan, id).setting.task).data(3, sizes);
      return [...prompts, ...evaluation.map(({ prompt }) => prompt)].map(({ tokens }) => [...tokens]);
    };
    expect(posts("sft")).toEqual(posts(`sft@${mainName}`));
    const [own, other] = [policyIn(plan, "sft"), policyIn(plan, `sft@${mainName}`)];
    expect(own.setting.sizes).toEqual(other.setting.sizes);
  });
});
