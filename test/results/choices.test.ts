import { describe, expect, test } from "vitest";
import type { LaboratoryConfig } from "../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import type { EvaluationStage } from "../../src/pipeline/evaluation.ts";
import type { Pool } from "../../src/pipeline/pool.ts";
import type { PreferenceStage } from "../../src/pipeline/preference.ts";
import type { PolicyStage, Stage } from "../../src/pipeline/stage.ts";
import { openStore } from "../../src/pipeline/store.ts";
import type { VerificationStage } from "../../src/pipeline/verification.ts";
import { arms, scorers } from "../../src/results/labels.ts";
import { armOf } from "../../src/results/measures.ts";
import { runMain } from "../main-comparison.ts";
import { temporaryFolder } from "../temporary.ts";

/* Choices on validation prompts, from results that are written at once instead of being computed. */

const config: LaboratoryConfig = { ...keyEnvConfig("smoke"), samplingTemperature: 0.7 };
type Wins = (stage: EvaluationStage) => number;

/** Stores made-up results: each evaluation wins `wins` of four prompts. */
const madeUp = (wins: Wins): Pool => ({
  size: 1,
  close() {},
  async run(folder, stage) {
    const provenance = { device: "none", tensorflow: "0", node: "0", seconds: 0, finished: "", code: "" };
    openStore(folder).write(stage, resultOf(stage, wins), provenance);
  },
});

function resultOf(stage: Stage, wins: Wins): object {
  if (stage.kind === "evaluation") {
    const won = wins(stage as EvaluationStage);
    const greedyRewards = [0, 1, 2, 3].map((prompt) => (prompt < won ? 2 : 0));
    const referenceRewards = [1, 1, 1, 1];
    const rewards = { greedyRewards, sampledRewards: greedyRewards, referenceRewards };
    return { evaluation: { completions: [], ...rewards, entropy: 1, malformed: 0, length: 1 } };
  }
  if (stage.kind === "verification") {
    const { scorer } = stage as VerificationStage;
    const sign = typeof scorer === "object" && "kind" in scorer && scorer.kind === "reward" ? 1 : -1;
    const gold = [[1, 2, 3, 4, 5]];
    return { verification: { scores: gold.map((row) => row.map((value) => sign * value)), gold } };
  }
  return { metrics: [], pairs: [], completions: [], logps: [] };
}

/** The epochs of offline DPO; 0 for other policies. */
function offlineEpochs(policy: PolicyStage): number {
  const { pairs, options } = policy as PreferenceStage;
  return pairs?.kind === "offline-pairs" ? options.epochs : 0;
}

async function collected(wins: Wins) {
  const [result] = await runMain(config, [3], temporaryFolder("choices"), madeUp(wins));
  if (result === undefined) throw new Error("runMain gave no result.");
  return result;
}

describe("the best arm of a seed", () => {
  const rates = (wins: Readonly<Record<number, number>>, policy: PolicyStage) =>
    wins[offlineEpochs(policy)] ?? 0;

  test("is chosen on validation prompts and judged on evaluation prompts", async () => {
    const onValidation = { 1: 1, 2: 3, 5: 2, 10: 4 };
    const onEvaluation = { 1: 2, 2: 1, 5: 3, 10: 4 };
    const result = await collected(({ policy, split }) =>
      rates(split === "validation" ? onValidation : onEvaluation, policy),
    );
    const [choice] = result.choices;
    expect(choice).toEqual({
      best: arms.dpoBest,
      chosen: arms.dpo2x,
      candidates: [
        { label: arms.dpo, value: 0.25 },
        { label: arms.dpo2x, value: 0.75 },
        { label: arms.dpo5x, value: 0.5 },
      ],
    });
    const expected = {
      sft: 0,
      dpo: 0.5,
      dpo2x: 0.25,
      dpo5x: 0.75,
      dpo10x: 1,
      dpoBest: 0.25,
      onlineSft: 0,
      onlineDpo: 0,
    };
    for (const [name, rate] of Object.entries(expected))
      expect(armOf(result, arms[name as keyof typeof arms]).winRate, name).toBe(rate);
  });

  test("is the first candidate if several tie", async () => {
    const { choices } = await collected(({ policy }) => (offlineEpochs(policy) >= 2 ? 3 : 1));
    expect(choices.map(({ chosen }) => chosen)).toEqual([arms.dpo2x]);
  });
});

test("a scorer that agrees with gold and one that contradicts it keep their own results", async () => {
  const result = await collected(() => 1);
  const summary = result.scorers.map(({ scorer, accuracy, bestOf }) => [scorer, accuracy, bestOf.at(-1)]);
  expect(summary).toEqual([
    [scorers.global, [1], { n: 5, values: [5] }],
    [scorers.dpo, [0], { n: 5, values: [1] }],
  ]);
  for (const { oracle } of result.scorers) expect(oracle.at(-1)).toEqual({ n: 5, values: [5] });
});
