import { describe, expect, it } from "vitest";
import {
  armSummaries,
  contrast,
  contrasts,
  contrastValues,
  epochsSentence,
  mostDisputed,
} from "../../src/report/results.ts";
import type { ArmResult, SeedResult } from "../../src/results/collect.ts";
import { contrastIds, readPrediction } from "../../src/verdicts/predictions.ts";
import { verdict } from "../../src/verdicts/verdict.ts";

const prediction = readPrediction("01-main-comparison");
const seeds = prediction.seeds.test.laptop!;
const { main, robustness } = contrastIds(prediction);
const interval = { draws: 500, level: 0.95 };

type Values = Pick<ArmResult, "outcomes" | "sampledRewards">;

const armResult = (arm: string, values: Values): ArmResult => ({
  arm,
  ...values,
  winRate: values.outcomes.reduce((sum, one) => sum + one, 0) / values.outcomes.length,
  completions: [],
  greedyRewards: values.outcomes.map((outcome) => 10 * outcome),
  referenceRewards: values.outcomes.map(() => 5),
  entropy: 0.5,
  malformed: 0.25,
  length: 3,
});

const seedResult = (seed: number, arms: Readonly<Record<string, Values>>, bestEpochs = 1): SeedResult => ({
  seed,
  arms: Object.entries(arms).map(([arm, values]) => armResult(arm, values)),
  choices: [{ id: "dpo-best", chosen: { 1: "dpo", 2: "dpo-2x", 5: "dpo-5x" }[bestEpochs]!, from: [] }],
  curves: [],
  scorers: [],
  pairs: {},
  provenance: [],
});

/** Online arms win more often than offline ones on the same prompts, and their samples are worth less. */
const online: Values = { outcomes: [1, 1, 0, 0.5], sampledRewards: [2, 3, 1, 0] };
const offline: Values = { outcomes: [0, 0.5, 0, 0], sampledRewards: [3, 3.5, 2, 1.5] };
const resultsWith = (above: Values, below: Values) =>
  seeds.map((seed) =>
    seedResult(seed, { dpo: below, "dpo-best": below, "online-sft": above, "online-dpo": above }),
  );
const results = resultsWith(online, offline);
const gain = 0.5;
const loss = -1;

describe("paired differences", () => {
  it("are the treatment's less the control's, in the measure asked for", () => {
    const id = "online-sft-vs-dpo";
    expect(contrast(results, id, "greedy-win-rate", interval)).toMatchObject({ id, mean: gain, seeds });
    expect(contrast(results, id, "sampled-reward", interval)).toMatchObject({ id, mean: loss, seeds });
    expect(contrast(results, "dpo-vs-online-sft", "greedy-win-rate", interval).mean).toBe(-gain);
    const { low, high } = contrast(results, id, "greedy-win-rate", interval);
    expect(low).toBeGreaterThan(0);
    expect(low).toBeLessThan(gain);
    expect(high).toBeGreaterThan(gain);
  });

  it("are all those that a prediction names", () => {
    const found = contrasts(results, prediction);
    expect(found.map(({ id, mean }) => [id, mean])).toEqual([...main, ...robustness].map((id) => [id, gain]));
    expect(contrasts(results, prediction, "sampled-reward").map(({ mean }) => mean)).toEqual(
      found.map(() => loss),
    );
  });

  it("are paired by prompt and by seed", () => {
    const uneven = [
      seedResult(21, { dpo: offline, "online-sft": online }),
      seedResult(22, { dpo: online, "online-sft": offline }),
      seedResult(23, { dpo: offline, "online-sft": offline }),
    ];
    const id = "online-sft-vs-dpo";
    const values = (measure: "greedy-win-rate" | "sampled-reward") => contrastValues(uneven, [id], measure);
    expect(values("greedy-win-rate")).toEqual(
      [gain, -gain, 0].map((value, index) => ({ contrast: id, seed: 21 + index, value })),
    );
    expect(values("sampled-reward").map(({ value }) => value)).toEqual([loss, -loss, 0]);
    const same = contrast([uneven[2]!], id, "greedy-win-rate", interval);
    expect([same.low, same.mean, same.high]).toEqual([0, 0, 0]);
  });

  it("support a claim that holds and refute one that holds the other way round", () => {
    const holds = verdict(prediction, contrasts(results, prediction));
    expect([holds.status, holds.robustToOfflineEpochs]).toEqual(["supported", true]);
    expect(verdict(prediction, contrasts(resultsWith(offline, online), prediction)).status).toBe("refuted");
    expect(verdict(prediction, contrasts(resultsWith(online, online), prediction)).status).toBe("not shown");
  });

  it("name the seed and the arm that is missing", () => {
    expect(() => contrast([seedResult(21, { dpo: offline })], main[0]!, "greedy-win-rate", interval)).toThrow(
      'Seed 21 has no arm "online-sft"; it has dpo.',
    );
  });
});

describe("an arm's summary", () => {
  it("averages each measure over prompts and seeds", () => {
    const two = [seedResult(21, { dpo: offline }), seedResult(22, { dpo: online })];
    const [summary] = armSummaries(two, interval);
    expect(summary).toMatchObject({
      arm: "dpo",
      seeds: 2,
      goldGreedy: 3.75,
      goldSampled: 2,
      entropy: 0.5,
      errors: 0.25,
    });
    expect(summary!.winRate.mean).toBe(0.375);
  });
});

describe("the sentence on offline epochs", () => {
  const chosen = (...epochs: number[]) =>
    epochsSentence(epochs.map((bestEpochs, index) => seedResult(21 + index, {}, bestEpochs)));

  it("says on how many seeds the longest registered run was the best", () => {
    expect(chosen(1, 5, 2, 5)).toBe(
      "The longest registered offline run, 5 epochs, was chosen on 2 of 4 seeds: " +
        "there, the best number of epochs may lie beyond those tried.",
    );
    expect(chosen(1, 2, 2)).toBe(
      "The longest registered offline run, 5 epochs, was chosen on 0 of 3 seeds: " +
        "the best number of epochs lies within those tried.",
    );
  });
});

describe("the most disputed prompt", () => {
  const writing = (...completions: number[][]): ArmResult => ({
    ...armResult("sft", offline),
    completions,
  });

  it("is the first on which arms write the most different completions", () => {
    const arms = [
      writing([1], [1], [1, 2], [7]),
      writing([1], [2], [3], [8]),
      writing([1], [2], [12], [9]),
      writing([1], [2], [3], [9]),
    ];
    expect(mostDisputed(arms)).toBe(2);
    expect(mostDisputed([writing([4], [5]), writing([4], [5])])).toBe(0);
  });
});
