import { describe, expect, it } from "vitest";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { optimisationPlan } from "../../../src/experiments/optimisation/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { differingPaths } from "../../differing-paths.ts";

const config = keyEnvConfig("laptop");
const lab = laboratory(config, 3);
const { arms, bestArms } = optimisationPlan(lab);
const rate = config.preference.learningRate;

describe("prompts, steps and learning rates", () => {
  it("has the main comparison's arms", () => {
    const main = mainComparisonPlan(lab);
    for (const arm of ["sft", "dpo", "dpo-2x", "dpo-5x", "dpo-10x", "online-sft"])
      expect(arms[arm]).toEqual(main.arms[arm]);
  });

  it.each([
    ["online-sft", "online-sft@more prompts", ["pairs.demonstrations"]],
    ["online-sft", "online-sft@3 epochs", ["options.epochs"]],
    ["online-sft", "online-sft@T = 0.7", ["pairs.temperature"]],
    ["online-sft@T = 0.7", "online-sft@T = 0.7, logits divided", ["options.temperature"]],
    ["dpo", "dpo@logits divided", ["options.temperature"]],
  ])("makes %s and %s differ in one thing", (base, variant, paths) => {
    expect(differingPaths(arms[base], arms[variant])).toEqual(paths);
  });

  it.each(["dpo", "online-sft"])("gives %s four learning rates and changes nothing else", (base) => {
    const factors = { "lr × 1/3": 1 / 3, "lr × 3": 3, "lr × 9": 9 };
    for (const [name, factor] of Object.entries(factors)) {
      expect(differingPaths(arms[base], arms[`${base}@${name}`])).toEqual(["options.learningRate"]);
      expect(arms[`${base}@${name}`]).toMatchObject({ options: { learningRate: factor * rate } });
    }
    expect(bestArms![`${base}@best learning rate`]).toEqual([
      base,
      ...Object.keys(factors).map((name) => `${base}@${name}`),
    ]);
  });

  it("takes as many steps on three times the prompts as in three epochs", () => {
    const { pairs: usual } = config.sizes;
    expect(arms["online-sft@more prompts"]).toMatchObject({ pairs: { demonstrations: 2 * usual } });
    expect(arms["online-sft@3 epochs"]).toMatchObject({ options: { epochs: 3 } });
  });

  it("has the demonstrations that it asks for at every preset", () => {
    for (const preset of ["smoke", "laptop", "gpu"] as const) {
      const { demonstrations, pairs } = keyEnvConfig(preset).sizes;
      expect(2 * pairs).toBeLessThanOrEqual(demonstrations);
    }
  });
});
