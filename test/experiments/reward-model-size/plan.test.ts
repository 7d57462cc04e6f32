import { describe, expect, it } from "vitest";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import {
  rewardModelId,
  rewardModelSizePlan,
  rewardModelSizes,
  rewardModelSizeTuning,
  tunedId,
} from "../../../src/experiments/reward-model-size/plan.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { bestScorer, readTuning } from "../../../src/experiments/tuning.ts";
import type { OnlinePairsStage, PreferenceStage, RewardStage } from "../../../src/pipeline/stage.ts";
import { differingPaths } from "../../differing-paths.ts";

const lab = laboratory(keyEnvConfig("laptop"), 3);
const { arms, scorers } = rewardModelSizePlan(lab);
const rewardOf = (width: number) => scorers![`global@d = ${width}`]!.scorer as RewardStage;

describe("reward models of several sizes", () => {
  it.each(rewardModelSizes)("of d = $width differ from the usual one in size and rate alone", (size) => {
    const { width, heads, learningRate } = size;
    const differing = differingPaths(lab.reward, rewardOf(width));
    const sizes = ["hidden_size", "intermediate_size", "num_attention_heads"];
    const allowed = ["options.learningRate", ...sizes.map((name) => `policy.model.${name}`)];
    expect(allowed).toEqual(expect.arrayContaining(differing));
    expect(rewardOf(width)).toMatchObject({
      options: { learningRate },
      policy: { kind: "sft", model: { hidden_size: width, num_attention_heads: heads } },
    });
  });

  it("rank the samples of one policy, and label them for one online arm each", () => {
    for (const { width } of rewardModelSizes) {
      expect(scorers![`global@d = ${width}`]!.policy).toEqual(lab.sft);
      const arm = arms[`online-sft@RM of d = ${width}`] as PreferenceStage;
      expect((arm.pairs as OnlinePairsStage).scorer).toEqual(rewardOf(width));
      expect(differingPaths({ ...lab.online(lab.sft), pairs: null }, { ...arm, pairs: null })).toEqual([]);
    }
  });

  it("are judged with their change rounded, and otherwise as they are", () => {
    for (const id of ["global", "local", "dpo"]) {
      const rounded = scorers![`${id}@3 bits`]!;
      expect(differingPaths(scorers![id], rounded)).toEqual(["bits", "completions"]);
      expect(rounded.bits).toBe(3);
    }
  });
});

describe("the tuning of their learning rates", () => {
  it("tries every rate for every size, judged on validation prompts of seeds that are not tested", () => {
    const plan = rewardModelSizeTuning.plan(0);
    const stages = Object.values(plan.scorers!);
    expect(stages).toHaveLength(rewardModelSizes.reduce((sum, { tried }) => sum + tried.length, 0));
    for (const stage of stages) expect(stage.split).toBe("validation");
    expect(Math.max(...rewardModelSizeTuning.seeds)).toBeLessThan(41);
  });

  it("gave the rates that are used", () => {
    const table = readTuning("09-ablation-rm-size");
    for (const { width, learningRate, tried } of rewardModelSizes) {
      const ids = tried.map((rate) => tunedId(width, rate));
      expect(bestScorer(table, ids, "probability"), rewardModelId(width)).toBe(tunedId(width, learningRate));
    }
  });
});
