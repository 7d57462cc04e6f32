import { describe, expect, it } from "vitest";
import { clauseCounts, clausesPlan, horizons, ringPlan } from "../../../src/experiments/horizon/plan.ts";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { keyEnvConfig, ringConfig } from "../../../src/experiments/settings.ts";
import { twoWordsPlan } from "../../../src/experiments/two-words/plan.ts";
import type { OnlinePairsStage, PreferenceStage, RewardStage } from "../../../src/pipeline/stage.ts";
import type { Plan } from "../../../src/results/collect.ts";
import { presets } from "../../../src/results/presets.ts";
import { differingPaths } from "../../differing-paths.ts";

const bases = ["sft", "dpo", "dpo-2x", "dpo-5x", "online-dpo"];
const ring = ringPlan("laptop", 3);
const clauses = clausesPlan("laptop", 3);
const preference = (plan: Plan, id: string) => plan.arms[id] as PreferenceStage;
const scorer = (plan: Plan, id: string) => plan.scorers![id]!.scorer as RewardStage | PreferenceStage;

/** The names of the settings in which two arms, or all that they stand on, differ. */
const differences = (a: unknown, b: unknown) =>
  new Set(differingPaths(a, b).map((path) => path.slice(path.lastIndexOf(".") + 1)));

describe.each(horizons)("the ring with walks of %i steps", (horizon) => {
  it.each(bases)("differs in %s by the number of steps alone", (base) => {
    const expected = horizon === 1 ? [] : ["horizon", "max_position_embeddings"];
    expect(differences(ring.arms[`${base}@H = 1`], ring.arms[`${base}@H = ${horizon}`])).toEqual(
      new Set(expected),
    );
  });

  it("gives the reward model and DPO's implicit rewards the same pairs, prompts and epochs", () => {
    const global = scorer(ring, `global@H = ${horizon}`);
    const five = scorer(ring, `dpo@5 epochs, H = ${horizon}`);
    const asReward = scorer(ring, `dpo@trained as the RM, H = ${horizon}`);
    for (const dpo of [five, asReward]) {
      expect(dpo.pairs).toEqual(global.pairs);
      expect(dpo.policy).toEqual(global.policy);
      expect(dpo.options.epochs).toBe(global.options.epochs);
    }
    expect(asReward.options).toMatchObject(global.options);
    expect(five).toEqual(ring.arms[`dpo-5x@H = ${horizon}`]);
  });

  it("chooses the best offline arm among its own, and labels online samples by its own reward model", () => {
    expect(ring.bestArms![`dpo-best@H = ${horizon}`]).toEqual(
      ["dpo", "dpo-2x", "dpo-5x"].map((base) => `${base}@H = ${horizon}`),
    );
    const { pairs } = preference(ring, `online-dpo@H = ${horizon}`);
    expect((pairs as OnlinePairsStage).scorer).toEqual(scorer(ring, `global@H = ${horizon}`));
  });
});

describe("the ring's settings", () => {
  it.each(presets)("judge every start equally often at the preset %s", (preset) => {
    const { sizes, verification } = ringConfig(preset, 9);
    for (const size of [...Object.values(sizes), verification.prompts]) expect(size % 24).toBe(0);
  });
});

describe("summaries of several lengths", () => {
  it("of five clauses are the main comparison's", () => {
    const main = mainComparisonPlan(laboratory(keyEnvConfig("laptop"), 3));
    for (const base of bases) expect(clauses.arms[`${base}@F = 5`]).toEqual(main.arms[base]);
    for (const base of ["global", "dpo"])
      expect(clauses.scorers![`${base}@F = 5`]).toEqual(main.scorers![base]);
  });

  it("of one clause are those of the notebook on two words", () => {
    const two = twoWordsPlan("laptop", 3);
    for (const base of bases) expect(clauses.arms[`${base}@F = 1`]).toEqual(two.arms[base]);
    expect(clauses.scorers!["global@F = 1"]).toEqual(two.scorers!.global);
  });

  it.each([2, 3, 7])("of %i clauses differ from five by their length alone", (count) => {
    for (const base of bases)
      expect(differences(clauses.arms[`${base}@F = 5`], clauses.arms[`${base}@F = ${count}`])).toEqual(
        new Set(["clauses", "max_position_embeddings"]),
      );
  });

  it("have every arm, choice and scorer at every length", () => {
    expect(Object.keys(clauses.arms)).toHaveLength(bases.length * clauseCounts.length);
    expect(Object.keys(clauses.bestArms!)).toEqual(clauseCounts.map((count) => `dpo-best@F = ${count}`));
    expect(Object.keys(clauses.scorers!)).toHaveLength(3 * clauseCounts.length);
  });
});
