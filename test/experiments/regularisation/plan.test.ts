import { describe, expect, test } from "vitest";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { regularisationPlan } from "../../../src/experiments/regularisation/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { differingPaths } from "../../differing-paths.ts";
import { candidateIds, policyIn } from "../in-plan.ts";

const lab = laboratory(keyEnvConfig("laptop"), 3);
const plan = regularisationPlan(lab);

describe("the plan on an explicit KL", () => {
  test("has the main comparison's arms", () => {
    const main = mainComparisonPlan(lab);
    for (const id of ["sft", "dpo", "dpo-2x", "dpo-5x", "online-sft", "online-dpo"])
      expect(policyIn(plan, id)).toEqual(policyIn(main, id));
  });

  test.each([
    ["dpo", 0.1],
    ["dpo", 1],
    ["dpo", 10],
    ["dpo-5x", 0.1],
    ["dpo-5x", 1],
  ])("adds to %s only the KL, with the weight %f", (base, weight) => {
    const regularised = policyIn(plan, `${base}@KL ${weight}`);
    expect(differingPaths(policyIn(plan, base), regularised)).toEqual(["options.kl"]);
    expect(regularised.options.kl).toEqual({ weight, completions: 1 });
  });

  test("chooses the best weight among those of one epoch", () => {
    expect(candidateIds(plan.bestArms)).toEqual({
      "dpo@best KL weight": ["dpo@KL 0.1", "dpo@KL 1", "dpo@KL 10"],
    });
  });
});
