import { describe, expect, test } from "vitest";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { byLearningRate, optimisationPlan } from "../../../src/experiments/optimisation/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { arms } from "../../../src/results/labels.ts";
import { presets } from "../../../src/results/presets.ts";
import { differingPaths } from "../../differing-paths.ts";
import { candidateIds, policyIn } from "../in-plan.ts";

const config = keyEnvConfig("laptop");
const lab = laboratory(config, 3);
const plan = optimisationPlan(lab);
const rate = config.preference.learningRate;

describe("the plan on prompts, steps and learning rates", () => {
  test("has the main comparison's arms", () => {
    const main = mainComparisonPlan(lab);
    for (const id of ["sft", "dpo", "dpo-2x", "dpo-5x", "dpo-10x", "online-sft"])
      expect(policyIn(plan, id)).toEqual(policyIn(main, id));
  });

  test.each([
    ["online-sft", "online-sft@more prompts", ["pairs.demonstrations"]],
    ["online-sft", "online-sft@3 epochs", ["options.epochs"]],
    ["online-sft", "online-sft@T = 0.7", ["pairs.temperature"]],
    ["online-sft@T = 0.7", "online-sft@T = 0.7, logits divided", ["options.temperature"]],
    ["dpo", "dpo@logits divided", ["options.temperature"]],
  ])("makes %s and %s differ in one setting", (base, variant, paths) => {
    expect(differingPaths(policyIn(plan, base), policyIn(plan, variant))).toEqual(paths);
  });

  test.each(["dpo", "online-sft"])("gives %s four learning rates and changes nothing else", (base) => {
    const factors = { "lr × 1/3": 1 / 3, "lr × 3": 3, "lr × 9": 9 };
    for (const [name, factor] of Object.entries(factors)) {
      const other = policyIn(plan, `${base}@${name}`);
      expect(differingPaths(policyIn(plan, base), other)).toEqual(["options.learningRate"]);
      expect(other.options.learningRate).toBe(factor * rate);
    }
    expect(candidateIds(plan.bestArms)[`${base}@best learning rate`]).toEqual([
      base,
      ...Object.keys(factors).map((name) => `${base}@${name}`),
    ]);
  });

  test("sorts the learning rates from the lowest", () => {
    const sorted = byLearningRate(arms.dpo);
    const ids = sorted.map(({ label }) => label.id);
    expect(ids).toEqual(["dpo@lr × 1/3", "dpo", "dpo@lr × 3", "dpo@lr × 9"]);
    for (const { label, factor } of sorted)
      expect(policyIn(plan, label.id).options.learningRate).toBe(factor * rate);
  });

  test("takes as many steps on three times the prompts as in three epochs", () => {
    const { pairs } = config.sizes;
    expect(policyIn(plan, "online-sft@more prompts").pairs.demonstrations).toBe(2 * pairs);
    expect(policyIn(plan, "online-sft@3 epochs").options.epochs).toBe(3);
  });

  test.each(presets)("has enough demonstrations at the preset %s", (preset) => {
    const { demonstrations, pairs } = keyEnvConfig(preset).sizes;
    expect(2 * pairs).toBeLessThanOrEqual(demonstrations);
  });
});
