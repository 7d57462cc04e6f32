import { describe, expect, it } from "vitest";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { regularisationPlan } from "../../../src/experiments/regularisation/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { differingPaths } from "../../differing-paths.ts";

const lab = laboratory(keyEnvConfig("laptop"), 3);
const { arms, bestArms } = regularisationPlan(lab);

describe("an explicit KL", () => {
  it("has the main comparison's arms", () => {
    const main = mainComparisonPlan(lab);
    for (const arm of ["sft", "dpo", "dpo-2x", "dpo-5x", "online-sft", "online-dpo"])
      expect(arms[arm]).toEqual(main.arms[arm]);
  });

  it.each([
    ["dpo", 0.1],
    ["dpo", 1],
    ["dpo", 10],
    ["dpo-5x", 0.1],
    ["dpo-5x", 1],
  ])("adds to %s the KL with the weight %f and nothing else", (base, weight) => {
    const arm = arms[`${base}@KL ${weight}`];
    expect(differingPaths(arms[base], arm)).toEqual(["options.kl"]);
    expect(arm).toMatchObject({ options: { kl: { weight, completions: 1 } } });
  });

  it("chooses the best weight among those of one epoch", () => {
    expect(bestArms).toEqual({ "dpo@best KL weight": ["dpo@KL 0.1", "dpo@KL 1", "dpo@KL 10"] });
  });
});
