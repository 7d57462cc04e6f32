import { describe, expect, it } from "vitest";
import { dataFractionPlan } from "../../../src/experiments/data-fraction/plan.ts";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import type { OnlinePairsStage, PreferenceStage, RewardStage } from "../../../src/pipeline/stage.ts";
import { differingPaths } from "../../differing-paths.ts";

const lab = laboratory(keyEnvConfig("laptop"), 3);
const { arms, scorers } = dataFractionPlan(lab);
const arm = (id: string) => arms[id] as PreferenceStage;
const fractions = [
  [0.1, "10 %", 400],
  [0.25, "25 %", 1000],
  [0.5, "50 %", 2000],
] as const;

describe("parts of the data", () => {
  it("have the main comparison's arms on the whole", () => {
    const main = mainComparisonPlan(lab);
    for (const id of ["sft", "dpo", "dpo-2x", "online-sft", "online-dpo"])
      expect(arms[id]).toEqual(main.arms[id]);
  });

  it.each(fractions)("at %f and equal epochs change nothing but the prompts", (_, name, first) => {
    const places = {
      dpo: ["pairs.first"],
      "dpo-2x": ["pairs.first"],
      "online-sft": ["pairs.first", "pairs.scorer.pairs.first"],
      "online-dpo": [
        "pairs.first",
        "pairs.scorer.pairs.first",
        "pairs.policy.pairs.first",
        "policy.pairs.first",
      ],
    };
    for (const [id, paths] of Object.entries(places)) {
      const part = `${id}@${name}, equal epochs`;
      expect(differingPaths(arm(id), arm(part))).toEqual(paths);
      expect((arm(part).pairs as OnlinePairsStage).first).toBe(first);
    }
  });

  it.each(fractions)("at %f and equal steps train every model as many times longer", (fraction, name) => {
    const scaled = ({ options }: RewardStage | PreferenceStage) => options.epochs * fraction;
    const [part, own] = [arm(`online-dpo@${name}, equal steps`), arm("online-dpo")];
    const rewardModels = [part, own].map(({ pairs }) => (pairs as OnlinePairsStage).scorer as RewardStage);
    expect(scaled(part)).toBeCloseTo(own.options.epochs);
    expect(scaled(part.policy as PreferenceStage)).toBeCloseTo(1);
    expect(scaled(rewardModels[0]!)).toBeCloseTo(rewardModels[1]!.options.epochs);
    expect(scaled(arm(`dpo-2x@${name}, equal steps`))).toBeCloseTo(2);
    expect(scorers![`global@${name}, equal steps`]!.scorer).toEqual(rewardModels[0]);
    expect(scorers![`dpo@${name}, equal steps`]!.scorer).toEqual(part.policy);
  });
});
