import { describe, expect, test } from "vitest";
import { dataFractionPlan } from "../../../src/experiments/data-fraction/plan.ts";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import type { PreferenceStage } from "../../../src/pipeline/preference.ts";
import type { RewardStage } from "../../../src/pipeline/reward-model.ts";
import { differingPaths } from "../../differing-paths.ts";
import { onlinePairsIn, policyIn, scorerIn } from "../in-plan.ts";

const lab = laboratory(keyEnvConfig("laptop"), 3);
const plan = dataFractionPlan(lab);
const fractions = [
  [0.1, "10 %", 400],
  [0.25, "25 %", 1000],
  [0.5, "50 %", 2000],
] as const;

describe("the plan on fractions of the data", () => {
  test("has the main comparison's arms on everything", () => {
    const main = mainComparisonPlan(lab);
    for (const id of ["sft", "dpo", "dpo-2x", "online-sft", "online-dpo"])
      expect(policyIn(plan, id)).toEqual(policyIn(main, id));
  });

  test.each(fractions)("changes only the prompts at the fraction %f and equal epochs", (_, name, first) => {
    const places = {
      dpo: ["pairs.first"],
      "dpo-2x": ["pairs.first"],
      "online-sft": ["pairs.first", "pairs.scorer.pairs.first"],
      "online-dpo": [
        "pairs.first",
        "pairs.policy.pairs.first",
        "pairs.scorer.pairs.first",
        "policy.pairs.first",
      ],
    };
    for (const [id, paths] of Object.entries(places)) {
      const part = policyIn(plan, `${id}@${name}, equal epochs`);
      expect(differingPaths(policyIn(plan, id), part)).toEqual(paths);
      expect(part.pairs.first).toBe(first);
    }
  });

  test.each(fractions)("trains every model longer at the fraction %f and equal steps", (fraction, name) => {
    const scaled = ({ options }: RewardStage | PreferenceStage) => options.epochs * fraction;
    const [part, own] = [policyIn(plan, `online-dpo@${name}, equal steps`), policyIn(plan, "online-dpo")];
    const partReward = onlinePairsIn(plan, `online-dpo@${name}, equal steps`).scorer as RewardStage;
    const ownReward = onlinePairsIn(plan, "online-dpo").scorer as RewardStage;
    expect(scaled(part)).toBeCloseTo(own.options.epochs);
    expect(scaled(part.policy as PreferenceStage)).toBeCloseTo(1);
    expect(scaled(partReward)).toBeCloseTo(ownReward.options.epochs);
    expect(scaled(policyIn(plan, `dpo-2x@${name}, equal steps`))).toBeCloseTo(2);
    expect(scorerIn(plan, `global@${name}, equal steps`)).toEqual(partReward);
    expect(scorerIn(plan, `dpo@${name}, equal steps`)).toEqual(part.policy);
  });
});
