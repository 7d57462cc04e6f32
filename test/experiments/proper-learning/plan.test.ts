import { expect, test } from "vitest";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { properLearningPlan } from "../../../src/experiments/proper-learning/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { twoWordsPlan } from "../../../src/experiments/two-words/plan.ts";
import { policyIn, scorerIds, verificationIn } from "../in-plan.ts";

const plan = properLearningPlan("laptop", 3);

test("the conditions beside the main comparison are lengths, fractions of the pairs, wide pairs and ROUGE-L", () => {
  const conditions = scorerIds(plan).flatMap((id) => (id.startsWith("global@") ? [id.slice(7)] : []));
  expect(conditions).toEqual([
    ...["two words", "2 clauses", "3 clauses", "7 clauses"],
    ...["10 % of the pairs", "25 % of the pairs", "50 % of the pairs"],
    ...["wide pairs", "ROUGE-L"],
  ]);
});

test("arms and scorers are those of the experiments on a condition", () => {
  const main = mainComparisonPlan(laboratory(keyEnvConfig("laptop"), 3));
  const twoWords = twoWordsPlan("laptop", 3);
  for (const id of ["dpo", "dpo-2x", "online-sft", "online-dpo"]) {
    expect(policyIn(plan, id)).toEqual(policyIn(main, id));
    expect(policyIn(plan, `${id}@two words`)).toEqual(policyIn(twoWords, id));
  }
  expect(verificationIn(plan, "global@two words")).toEqual(verificationIn(twoWords, "global"));
});
