import { describe, expect, it } from "vitest";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { mainComparisonPlan } from "../../../src/experiments/main-comparison/plan.ts";
import { onPolicyFeedbackPlan } from "../../../src/experiments/on-policy-feedback/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import type { OnlinePairsStage, PreferenceStage, RelabelledPairsStage } from "../../../src/pipeline/stage.ts";
import { differingPaths } from "../../differing-paths.ts";

const lab = laboratory(keyEnvConfig("laptop"), 3);
const { arms, pairs, scorers } = onPolicyFeedbackPlan(lab);
const pairsOf = (arm: string) => (arms[arm] as PreferenceStage).pairs;
const scorerOf = (arm: string) => (pairsOf(arm) as OnlinePairsStage | RelabelledPairsStage).scorer;

describe("samples and labels taken apart", () => {
  it("has the main comparison's arms", () => {
    const main = mainComparisonPlan(lab);
    for (const arm of ["sft", "dpo", "dpo-2x", "dpo-5x", "online-sft", "online-dpo"])
      expect(arms[arm]).toEqual(main.arms[arm]);
  });

  it.each([
    ["online-sft", "online-sft@K = 2", ["pairs.completions"]],
    ["online-sft@gold labels", "online-sft@own likelihood", ["pairs.scorer"]],
  ])("makes %s and %s differ in one thing", (one, other, paths) => {
    expect(differingPaths(arms[one], arms[other])).toEqual(paths);
  });

  it("changes nothing but the scorer between online arms of one policy, or between relabelled pairs", () => {
    const without = (arm: string) => differingPaths(arms[arm], { ...arms[arm], pairs: undefined });
    for (const arm of ["online-sft@gold labels", "online-sft@local RM labels", "online-sft@own likelihood"]) {
      expect({ ...pairsOf(arm), scorer: scorerOf("online-sft") }).toEqual(pairsOf("online-sft"));
      expect(without(arm)).toEqual(without("online-sft"));
    }
    expect({ ...pairsOf("online-dpo@own labels"), scorer: scorerOf("online-dpo") }).toEqual(
      pairsOf("online-dpo"),
    );
    expect(
      differingPaths(arms["dpo@pairs relabelled by gold"], {
        ...arms["dpo@pairs relabelled by the RM"],
        pairs: pairsOf("dpo@pairs relabelled by gold"),
      }),
    ).toEqual([]);
  });

  it("relabels the pairs that DPO is trained on, by the scorer of the fresh samples", () => {
    expect(pairsOf("dpo@pairs relabelled by the RM")).toMatchObject({ pairs: pairsOf("dpo") });
    expect(scorerOf("dpo@pairs relabelled by the RM")).toEqual(scorerOf("online-sft@K = 2"));
  });

  it("lets DPO label by its own implicit reward, and SFT by its own likelihood", () => {
    expect(scorerOf("online-dpo@own labels")).toEqual(arms.dpo);
    expect(pairsOf("online-dpo@own labels")).toMatchObject({ policy: arms.dpo });
    expect(scorerOf("online-sft@own likelihood")).toBe("likelihood");
  });

  it("labels by a local reward model of the annotator's pairs, without a reference", () => {
    expect(scorerOf("online-sft@local RM labels")).toMatchObject({
      kind: "preference",
      pairs: lab.pairs,
      options: { reference: "none", epochs: lab.config.reward.epochs },
    });
    expect(scorers!.local!.scorer).toEqual(scorerOf("online-sft@local RM labels"));
  });

  it("measures the pairs of every arm that has pairs of its own", () => {
    const own = Object.values(arms).flatMap((arm) => (arm.kind === "preference" ? [arm.pairs] : []));
    expect(Object.values(pairs!)).toEqual(expect.arrayContaining(own));
  });
});
