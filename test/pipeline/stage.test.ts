import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { LaboratoryConfig } from "../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import type { Pool } from "../../src/pipeline/pool.ts";
import type { OnlinePairsStage, PolicyStage, PreferenceStage, Stage } from "../../src/pipeline/stage.ts";
import { type StageResult, writeResult } from "../../src/pipeline/store.ts";
import { offlineChoices } from "../../src/report/results.ts";
import { wantedStages } from "../../src/results/collect.ts";
import { mainPlan, runMain } from "../main-comparison.ts";

const config: LaboratoryConfig = { ...keyEnvConfig("smoke"), samplingTemperature: 0.7 };
const plan = mainPlan(config, 3);
const policies = plan.arms as Record<string, PolicyStage>;
const sft = policies.sft!;
const pairs = plan.pairs!.offline!;
const preference = (policy: PolicyStage) => policy as PreferenceStage;

describe("the plan of one seed", () => {
  const offline = { dpo: 1, "dpo-2x": 2, "dpo-5x": 5, "dpo-10x": 10 } as const;

  it.each(Object.entries(offline))("trains %s from SFT on the offline pairs for %i epochs", (arm, epochs) => {
    expect(policies[arm]).toEqual({
      kind: "preference",
      setting: sft.setting,
      policy: sft,
      pairs,
      options: { ...config.preference, epochs },
    });
    expect(pairs).toMatchObject({ kind: "offline-pairs", policy: sft, temperature: 0.7 });
  });

  it.each([
    ["online-sft", "sft"],
    ["online-dpo", "dpo"],
  ] as const)("starts %s from %s, samples with it and holds it to it", (arm, start) => {
    const { policy, pairs: own, options } = preference(policies[arm]!);
    expect(policy).toEqual(policies[start]);
    expect(own).toMatchObject({
      kind: "online-pairs",
      policy: policies[start],
      completions: config.online.completions,
      temperature: config.online.temperature,
    });
    expect(options).toEqual({ ...config.preference, reference: "start", epochs: config.online.epochs });
  });

  it("ranks both online arms' samples by one reward model, trained from SFT on the offline pairs", () => {
    const [first, second] = (["online-sft", "online-dpo"] as const).map(
      (arm) => (preference(policies[arm]!).pairs as OnlinePairsStage).scorer,
    );
    expect(first).toEqual(second);
    expect(first).toMatchObject({ kind: "reward", policy: sft, pairs, options: config.reward });
    expect(plan.scorers!.global!.scorer).toEqual(first);
  });

  it("verifies SFT's samples by the reward model and by DPO", () => {
    expect(plan.scorers!.dpo!.scorer).toEqual(policies.dpo);
    for (const stage of Object.values(plan.scorers!)) {
      expect(stage).toMatchObject({ policy: sft, temperature: 0.7, ...config.verification });
    }
  });

  it("evaluates each arm on evaluation prompts, and on validation prompts those it may choose among", () => {
    const judged = (split: "evaluation" | "validation") =>
      wantedStages(plan).flatMap((stage) =>
        stage.kind === "evaluation" && stage.split === split ? [stage.policy] : [],
      );
    expect(judged("evaluation")).toEqual(Object.values(policies));
    expect(judged("validation")).toEqual(["dpo", "dpo-2x", "dpo-5x"].map((arm) => policies[arm]));
  });
});

describe("the results of one seed", () => {
  type Share = (stage: Stage & { kind: "evaluation" }) => number;

  /** Writes results at once in place of computing them: `wins` of four prompts won in each evaluation. */
  const pretence = (wins: Share): Pool => ({
    size: 1,
    close() {},
    async run(store, stage) {
      const provenance = { device: "none", tensorflow: "0", node: "0", seconds: 0, finished: "", code: "" };
      writeResult(store, stage, resultOf(stage, wins), provenance);
    },
  });
  const resultOf = (stage: Stage, wins: Share): StageResult => {
    switch (stage.kind) {
      case "evaluation": {
        const greedyRewards = [0, 1, 2, 3].map((prompt) => (prompt < wins(stage) ? 2 : 0));
        const referenceRewards = [1, 1, 1, 1];
        return {
          evaluation: {
            completions: [],
            greedyRewards,
            sampledRewards: greedyRewards,
            referenceRewards,
            entropy: 1,
            malformed: 0,
            length: 1,
          },
        };
      }
      case "verification": {
        const sign = typeof stage.scorer === "object" && stage.scorer.kind === "reward" ? 1 : -1;
        const gold = [[1, 2, 3, 4, 5]];
        return { verification: { scores: gold.map((row) => row.map((value) => sign * value)), gold } };
      }
      default:
        return { metrics: [], pairs: [] };
    }
  };
  const epochsOf = (policy: PolicyStage) =>
    policy.kind === "preference" && policy.pairs.kind === "offline-pairs" ? policy.options.epochs : 0;
  const collected = async (wins: Share) => {
    const store = mkdtempSync(path.join(tmpdir(), "allroads runs "));
    const [result] = await runMain(config, [3], store, pretence(wins));
    return result!;
  };

  it("take dpo-best by validation prompts among the registered epochs, and judge it on evaluation prompts", async () => {
    const onValidation: Record<number, number> = { 1: 1, 2: 3, 5: 2, 10: 4 };
    const onEvaluation: Record<number, number> = { 0: 0, 1: 2, 2: 1, 5: 3, 10: 4 };
    const result = await collected(
      ({ policy, split }) => (split === "validation" ? onValidation : onEvaluation)[epochsOf(policy)]!,
    );
    const [{ validation, epochs: bestEpochs }] = offlineChoices([result]) as [
      ReturnType<typeof offlineChoices>[number],
    ];
    expect(validation).toEqual([
      { epochs: 1, winRate: 0.25 },
      { epochs: 2, winRate: 0.75 },
      { epochs: 5, winRate: 0.5 },
    ]);
    expect(bestEpochs).toBe(2);
    expect(Object.fromEntries(result.arms.map(({ arm, winRate }) => [arm, winRate]))).toEqual({
      sft: 0,
      dpo: 0.5,
      "dpo-2x": 0.25,
      "dpo-5x": 0.75,
      "dpo-10x": 1,
      "dpo-best": 0.25,
      "online-sft": 0,
      "online-dpo": 0,
    });
  });

  it("give a tie on validation prompts to fewer epochs", async () => {
    const result = await collected(({ policy }) => (epochsOf(policy) >= 2 ? 3 : 1));
    expect(offlineChoices([result])[0]!.epochs).toBe(2);
  });

  it("keep the scorers apart: one that agrees with gold and one that says the opposite", async () => {
    const { scorers } = await collected(() => 1);
    const numbers = ({ accuracy, bestOf }: (typeof scorers)[number]) => [accuracy, bestOf.at(-1)];
    expect(Object.fromEntries(scorers.map((entry) => [entry.scorer, numbers(entry)]))).toEqual({
      global: [[1], { n: 5, values: [5] }],
      dpo: [[0], { n: 5, values: [1] }],
    });
    expect(scorers[0]!.oracle.at(-1)).toEqual({ n: 5, values: [5] });
  });
});
