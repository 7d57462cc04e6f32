import { describe, expect, test } from "vitest";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { onPolicyFeedbackPlan } from "../../../src/experiments/on-policy-feedback/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { differingPaths } from "../../differing-paths.ts";
import { onlinePairsIn, policyIn, verificationIn } from "../in-plan.ts";

const lab = laboratory(keyEnvConfig("laptop"), 3);
const plan = onPolicyFeedbackPlan(lab);
const pairsOf = (id: string) => policyIn(plan, id).pairs;
const labelledBy = (id: string) => onlinePairsIn(plan, id).scorer;

describe("the plan on fresh samples and their labels", () => {
  test("has the main comparison's arms", () => {
    const main = mainComparisonPlan(lab);
    for (const id of ["sft", "dpo", "dpo-2x", "dpo-5x", "online-sft", "online-dpo"])
      expect(policyIn(plan, id)).toEqual(policyIn(main, id));
  });

  test.each([
    ["online-sft", "online-sft@K = 2", ["pairs.completions"]],
    ["online-sft@gold labels", "online-sft@own likelihood", ["pairs.scorer"]],
  ])("makes %s and %s differ in one setting", (one, other, paths) => {
    expect(differingPaths(policyIn(plan, one), policyIn(plan, other))).toEqual(paths);
  });

  test("changes only the scorer between online arms of one policy, and between relabelled pairs", () => {
    const withoutPairs = (id: string) => ({ ...policyIn(plan, id), pairs: undefined });
    for (const id of ["online-sft@gold labels", "online-sft@local RM labels", "online-sft@own likelihood"]) {
      expect({ ...pairsOf(id), scorer: labelledBy("online-sft") }).toEqual(pairsOf("online-sft"));
      expect(withoutPairs(id)).toEqual(withoutPairs("online-sft"));
    }
    expect({ ...pairsOf("online-dpo@own labels"), scorer: labelledBy("online-dpo") }).toEqual(
      pairsOf("online-dpo"),
    );
    expect(withoutPairs("dpo@pairs relabelled by gold")).toEqual(
      withoutPairs("dpo@pairs relabelled by the RM"),
    );
  });

  test("relabels DPO's pairs by the scorer of the fresh samples", () => {
    expect(pairsOf("dpo@pairs relabelled by the RM")).toMatchObject({ pairs: pairsOf("dpo") });
    expect(labelledBy("dpo@pairs relabelled by the RM")).toEqual(labelledBy("online-sft@K = 2"));
  });

  test("lets DPO label by its own implicit reward, and SFT by its own likelihood", () => {
    const dpo = policyIn(plan, "dpo");
    expect(labelledBy("online-dpo@own labels")).toEqual(dpo);
    expect(pairsOf("online-dpo@own labels")).toMatchObject({ policy: dpo });
    expect(labelledBy("online-sft@own likelihood")).toBe("likelihood");
  });

  test("labels by a local reward model of the annotator's pairs, without a reference", () => {
    expect(labelledBy("online-sft@local RM labels")).toMatchObject({
      kind: "preference",
      pairs: lab.pairs,
      options: { reference: "none", epochs: lab.config.reward.epochs },
    });
    expect(verificationIn(plan, "local").scorer).toEqual(labelledBy("online-sft@local RM labels"));
  });

  test("reports the pairs of every arm", () => {
    const own = plan.arms.flatMap(({ policy }) => ("pairs" in policy ? [policy.pairs] : []));
    expect(Object.values(plan.pairs ?? {})).toEqual(expect.arrayContaining(own));
  });
});
