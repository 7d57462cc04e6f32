import { describe, expect, test } from "vitest";
import {
  clausesAxis,
  clausesPlan,
  ringAxis,
  ringConfig,
  ringPlan,
} from "../../../src/experiments/horizon/plan.ts";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { twoWordsPlan } from "../../../src/experiments/two-words/plan.ts";
import { presets } from "../../../src/results/presets.ts";
import { differingPaths } from "../../differing-paths.ts";
import {
  armIds,
  candidateIds,
  onlinePairsIn,
  policyIn,
  scorerIds,
  scorerIn,
  verificationIn,
} from "../in-plan.ts";

const bases = ["sft", "dpo", "dpo-2x", "dpo-5x", "online-dpo"];
const ring = ringPlan("laptop", 3);
const clauses = clausesPlan("laptop", 3);

/** The names of the settings in which two arms, or their ancestors, differ. */
const differences = (a: unknown, b: unknown) =>
  new Set(differingPaths(a, b).map((path) => path.slice(path.lastIndexOf(".") + 1)));

describe.each(ringAxis.places)("the ring with walks of %i steps", (horizon) => {
  test.each(bases)("differs in %s only by the number of steps", (base) => {
    const expected = horizon === 1 ? [] : ["horizon", "max_position_embeddings"];
    const [shortest, own] = [policyIn(ring, `${base}@H = 1`), policyIn(ring, `${base}@H = ${horizon}`)];
    expect(differences(shortest, own)).toEqual(new Set(expected));
  });

  test("gives the reward model and DPO's implicit rewards the same pairs, prompts and epochs", () => {
    const global = scorerIn(ring, `global@H = ${horizon}`);
    const dpo5x = scorerIn(ring, `dpo-5x@H = ${horizon}`);
    const asReward = scorerIn(ring, `dpo@trained as the RM, H = ${horizon}`);
    for (const dpo of [dpo5x, asReward]) {
      expect(dpo.pairs).toEqual(global.pairs);
      expect(dpo.policy).toEqual(global.policy);
      expect(dpo.options.epochs).toBe(global.options.epochs);
    }
    expect(asReward.options).toMatchObject(global.options);
    expect(dpo5x).toEqual(policyIn(ring, `dpo-5x@H = ${horizon}`));
  });

  test("chooses the best offline arm among its own, and labels online samples by its own reward model", () => {
    expect(candidateIds(ring.bestArms)[`dpo-best@H = ${horizon}`]).toEqual(
      ["dpo", "dpo-2x", "dpo-5x"].map((base) => `${base}@H = ${horizon}`),
    );
    const { scorer } = onlinePairsIn(ring, `online-dpo@H = ${horizon}`);
    expect(scorer).toEqual(scorerIn(ring, `global@H = ${horizon}`));
  });
});

test.each(presets)("the ring judges every start equally often at the preset %s", (preset) => {
  const { sizes, verification } = ringConfig(preset, 9);
  for (const size of [...Object.values(sizes), verification.prompts]) expect(size % 24).toBe(0);
});

describe("summaries", () => {
  test("of five clauses are the main comparison's", () => {
    const main = mainComparisonPlan(laboratory(keyEnvConfig("laptop"), 3));
    for (const base of bases) expect(policyIn(clauses, `${base}@F = 5`)).toEqual(policyIn(main, base));
    for (const base of ["global", "dpo"])
      expect(verificationIn(clauses, `${base}@F = 5`)).toEqual(verificationIn(main, base));
  });

  test("of one clause are those of the experiment on two words", () => {
    const two = twoWordsPlan("laptop", 3);
    for (const base of bases) expect(policyIn(clauses, `${base}@F = 1`)).toEqual(policyIn(two, base));
    expect(verificationIn(clauses, "global@F = 1")).toEqual(verificationIn(two, "global"));
  });

  test.each([2, 3, 7])("of %i clauses differ from five only by their length", (count) => {
    for (const base of bases)
      expect(
        differences(policyIn(clauses, `${base}@F = 5`), policyIn(clauses, `${base}@F = ${count}`)),
      ).toEqual(new Set(["clauses", "max_position_embeddings"]));
  });

  test("have every arm, choice and scorer at every length", () => {
    const { places } = clausesAxis;
    expect(armIds(clauses)).toHaveLength(bases.length * places.length);
    expect(Object.keys(candidateIds(clauses.bestArms))).toEqual(
      places.map((count) => `dpo-best@F = ${count}`),
    );
    expect(scorerIds(clauses)).toHaveLength(3 * places.length);
  });
});
