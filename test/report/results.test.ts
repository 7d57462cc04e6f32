import { describe, expect, test } from "vitest";
import {
  armSummaries,
  bestOfNValues,
  curveValues,
  differences,
  frontierValues,
} from "../../src/report/results.ts";
import type { ArmResult } from "../../src/results/collect.ts";
import { arms, type Label, scorers } from "../../src/results/labels.ts";
import type { MetricsRow } from "../../src/training/trainer.ts";
import { armResult, scorerResult, seedResult } from "../seed-results.ts";

const interval = { draws: 500, level: 0.95 };

type Values = Pick<ArmResult, "outcomes" | "sampledRewards">;

const armWith = (arm: Label, values: Values): ArmResult => ({
  ...armResult(arm, 0),
  ...values,
  greedyRewards: values.outcomes.map((outcome) => 10 * outcome),
  entropy: 0.5,
  malformed: 0.25,
});

/** Online wins more often on the same prompts, and its samples have lower rewards. */
const online: Values = { outcomes: [1, 1, 0, 0.5], sampledRewards: [2, 3, 1, 0] };
const offline: Values = { outcomes: [0, 0.5, 0, 0], sampledRewards: [3, 3.5, 2, 1.5] };
const seedWith = (seed: number, dpo: Values, onlineSft: Values) =>
  seedResult(seed, { arms: [armWith(arms.dpo, dpo), armWith(arms.onlineSft, onlineSft)] });
const gain = 0.5;
const loss = -1;

describe("paired differences", () => {
  const difference = { treatment: arms.onlineSft, control: arms.dpo };
  const reverse = { treatment: arms.dpo, control: arms.onlineSft };
  const results = [21, 22, 23, 24, 25].map((seed) => seedWith(seed, offline, online));

  test("are treatment minus control in the given metric, in the given order", () => {
    const measured = differences(results, "greedy-win-rate", [difference, reverse], interval);
    expect(measured.map(({ estimate, mean }) => [estimate, mean])).toEqual([
      [{ metric: "greedy-win-rate", ...difference }, gain],
      [{ metric: "greedy-win-rate", ...reverse }, -gain],
    ]);
    const [sampled] = differences(results, "sampled-reward", [difference], interval);
    expect(sampled?.mean).toBe(loss);
  });

  test("have an interval around the mean", () => {
    const [first] = differences(results, "greedy-win-rate", [difference], interval);
    expect(first?.low).toBeGreaterThan(0);
    expect(first?.low).toBeLessThan(gain);
    expect(first?.high).toBeGreaterThan(gain);
  });

  test("are paired by prompt and by seed", () => {
    const uneven = [
      seedWith(21, offline, online),
      seedWith(22, online, offline),
      seedWith(23, offline, offline),
    ];
    const valuesOf = (metric: string) =>
      differences(uneven, metric, [difference], interval).flatMap(({ values }) => values);
    expect(valuesOf("greedy-win-rate")).toEqual(
      [gain, -gain, 0].map((value, index) => ({ seed: 21 + index, value })),
    );
    expect(valuesOf("sampled-reward").map(({ value }) => value)).toEqual([loss, -loss, 0]);
    const [same] = differences(uneven.slice(2), "greedy-win-rate", [difference], interval);
    expect(same).toMatchObject({ low: 0, mean: 0, high: 0 });
  });

  test("name the seed and the arm that is missing", () => {
    const lacking = [seedResult(21, { arms: [armWith(arms.dpo, offline)] })];
    expect(() => differences(lacking, "greedy-win-rate", [difference], interval)).toThrow(
      'Seed 21 has no arm "Online DPO (SFT)"; it has DPO.',
    );
  });
});

test("an arm's summary averages each measure over prompts and seeds", () => {
  const results = [seedWith(21, offline, online), seedWith(22, online, offline)];
  const summaries = armSummaries(results, interval);
  expect(summaries.map(({ arm }) => arm.id)).toEqual(["dpo", "online-sft"]);
  expect(summaries[0]).toMatchObject({
    seeds: 2,
    winRate: { mean: 0.375 },
    goldGreedy: 3.75,
    goldSampled: 2,
    entropy: 0.5,
    malformed: 0.25,
  });
});

test("a frontier starts at greedy decoding, which has no entropy", () => {
  const frontier = [
    { temperature: 1, reward: 0.2, entropy: 1 },
    { temperature: 0.5, reward: 0.4, entropy: 0.5 },
  ];
  const results = [seedResult(41, { arms: [{ ...armResult(arms.dpo, 0.6), frontier }] })];
  expect(frontierValues(results)).toEqual([
    { arm: arms.dpo, seed: 41, temperature: 0, entropy: 0, reward: expect.closeTo(0.6) },
    { arm: arms.dpo, seed: 41, temperature: 1, entropy: 1, reward: 0.2 },
    { arm: arms.dpo, seed: 41, temperature: 0.5, entropy: 0.5, reward: 0.4 },
  ]);
});

test("training curves have only the metrics that were logged", () => {
  const rows: MetricsRow[] = [{ step: 1, loss: 0.7 }, { step: 2 }];
  const results = [seedResult(41, { curves: [{ arm: arms.dpo, rows }] })];
  expect(curveValues(results, ["loss", "kl"])).toEqual([
    { arm: arms.dpo, seed: 41, step: 1, metric: "loss", value: 0.7 },
  ]);
});

test("best-of-N is by every scorer and by gold", () => {
  const results = [seedResult(41, { scorers: [scorerResult(scorers.global, 0.8, 3)] })];
  expect(bestOfNValues(results).map(({ scorer, n, value }) => [scorer.id, n, value])).toEqual([
    ["gold", 1, 2],
    ["gold", 25, 50],
    ["global", 1, 3],
    ["global", 25, 75],
  ]);
});
