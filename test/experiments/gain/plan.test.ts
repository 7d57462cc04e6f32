import { describe, expect, test } from "vitest";
import { gainPlan } from "../../../src/experiments/gain/plan.ts";
import { epochGrid } from "../../../src/experiments/tuned/epochs.ts";
import { tunedLaboratory } from "../../../src/experiments/tuned/laboratory.ts";
import { tunedSettings } from "../../../src/experiments/tuned/settings.ts";
import type { OnlinePairsStage } from "../../../src/pipeline/online-pairs.ts";
import { pairCount } from "../../../src/pipeline/pairs.ts";
import type { PreferenceStage } from "../../../src/pipeline/preference.ts";
import { differingPaths } from "../../differing-paths.ts";
import { candidateIds, onlinePairsIn, policyIn } from "../in-plan.ts";

const lab = tunedLaboratory("laptop", 3);
const plan = gainPlan(lab);

describe("the plan on what online fine-tuning gains by", () => {
  test.each([2, 4, 25])("changes the number of samples alone with K = %d", (completions) => {
    const [usual, changed] = ["online-sft@5 epochs", `online-sft@K = ${completions}, 5 epochs`];
    expect(differingPaths(policyIn(plan, usual!), policyIn(plan, changed!))).toEqual(["pairs.completions"]);
    expect(onlinePairsIn(plan, changed!).completions).toBe(completions);
  });

  test.each([2, 4])("uses every prompt once over %d rounds, always held to SFT", (rounds) => {
    let stage: PreferenceStage | undefined = policyIn(plan, `online-sft@${rounds} rounds, 3 epochs`);
    let [trained, prompts] = [0, 0];
    while (stage?.kind === "preference") {
      expect(stage.reference ?? stage.policy).toEqual(lab.sft);
      expect((stage.pairs as OnlinePairsStage).policy).toEqual(stage.policy);
      prompts += pairCount(stage.pairs);
      trained += 1;
      stage = stage.policy as PreferenceStage;
    }
    expect([trained, prompts]).toEqual([rounds, lab.config.sizes.pairs]);
  });

  test("gives RAFT the samples of online DPO, and REBEL its pairs with their reward differences", () => {
    const usual = onlinePairsIn(plan, "online-sft@2 epochs");
    expect(onlinePairsIn(plan, "raft@2 epochs")).toEqual(usual);
    expect(onlinePairsIn(plan, "rebel@2 epochs")).toEqual({ ...usual, rewardDifferences: true });
    expect(policyIn(plan, "rebel@2 epochs").options).toMatchObject({ loss: "rebel", ...tunedSettings.rebel });
  });

  test("scores RLOO's samples by the reward model of the online arms", () => {
    expect(policyIn(plan, "rloo@2 epochs")).toMatchObject({
      kind: "rloo",
      reward: lab.reward,
      options: tunedSettings.rloo,
    });
  });

  test("chooses the epochs of every arm from one grid", () => {
    for (const ids of Object.values(candidateIds(plan.bestArms))) expect(ids).toHaveLength(epochGrid.length);
  });
});
