import { describe, expect, it } from "vitest";
import { changePrecisions, rewardModelParameters } from "../../../src/experiments/reward-model-size/plan.ts";
import {
  descriptionPoints,
  descriptionSentence,
  descriptions,
  sizeDifferences,
  sizeNeededSentence,
  sizePoints,
  tuningRows,
} from "../../../src/experiments/reward-model-size/report.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import type { TuningTable } from "../../../src/experiments/tuning.ts";
import type { ScorerResult, SeedResult } from "../../../src/results/collect.ts";

const config = keyEnvConfig("laptop");
const best: Record<number, number> = { 16: 1.9, 24: 1.8, 48: 2, 96: 2.5 };
const sized = (width: number): ScorerResult =>
  ({
    scorer: `global@d = ${width}`,
    accuracy: [width / 100],
    bestOf: [{ n: 25, values: [best[width]!, best[width]!] }],
  }) as unknown as ScorerResult;
/** Accuracy falls below 4 bits for the global model, below 6 for the local one, never for DPO. */
const accuracyOf = (scorer: string, bits: number) =>
  bits < { global: 4, local: 6, dpo: 0 }[scorer]! ? 0.6 : 0.9;
const rounded = ["global", "local", "dpo"].flatMap((scorer) =>
  changePrecisions.map(
    (bits) =>
      ({
        scorer: `${scorer}@${bits} bits`,
        accuracy: [accuracyOf(scorer, bits)],
        deltaBits: 10_000 * bits,
      }) as unknown as ScorerResult,
  ),
);
const results = [41, 42].map(
  (seed) =>
    ({ seed, arms: [], scorers: [...[16, 24, 48, 96].map(sized), ...rounded] }) as unknown as SeedResult,
);
const interval = { method: "paired hierarchical bootstrap", outer: "seeds", inner: "prompts" } as const;
const differences = sizeDifferences(results, { ...interval, draws: 1000, level: 0.95 });

describe("reward models by size", () => {
  it("stand at their numbers of parameters", () => {
    const points = sizePoints(results, "accuracy", config);
    expect(points).toHaveLength(8);
    expect(points[0]).toEqual({
      series: "global",
      x: rewardModelParameters(config, { width: 16, heads: 2 }),
      seed: 41,
      value: 0.16,
    });
  });

  it("are drawn by the policies that they label for where win rates are asked for", () => {
    const arm = (width: number) => ({ arm: `online-sft@RM of d = ${width}`, outcomes: [width, width] });
    const online = [{ seed: 41, arms: [16, 24, 48, 96].map(arm), scorers: [] }] as unknown as SeedResult[];
    const points = sizePoints(online, "greedy-win-rate", config);
    expect(points.map(({ series, value }) => [series, value])).toEqual(
      [16, 24, 48, 96].map((width) => ["online-sft", width]),
    );
  });

  it("are each compared with the policy's size", () => {
    expect(differences.map(({ width, mean }) => [width, Number(mean.toFixed(6))])).toEqual([
      [16, -0.1],
      [24, -0.2],
      [96, 0.5],
    ]);
  });

  it("are needed as large as the smallest within the margin, and no larger one counts", () => {
    expect(sizeNeededSentence(differences, 0.15, config)).toContain("has d = 16 and ");
    expect(sizeNeededSentence(differences.slice(1), 0.25, config)).toContain("has d = 24 and ");
    expect(sizeNeededSentence(differences, 0.05, config)).toBe(
      "No smaller reward model that was tried is shown to be less than 0.05 of gold reward below that of the policy's " +
        "size (best of 25, by the interval).",
    );
  });
});

describe("the tuning's rows", () => {
  it("hold what each rate gave, nothing where it was not tried", () => {
    const scorers = { "global@d = 16, learning rate 0.003": { probability: [0.6, 0.8] } };
    const rows = tuningRows({ scorers } as unknown as TuningTable);
    expect(rows[0]).toMatchObject({
      "reward model": "d = 16",
      "at 0.003": 70,
      "at 0.006": "",
      "rate used": "0.012",
    });
  });
});

describe("the description length of scorers", () => {
  const rows = descriptions(results);

  it("is drawn in thousands of bits for every seed", () => {
    expect(descriptionPoints(rows).filter(({ series }) => series === "local")[2]).toEqual({
      series: "local",
      x: 60,
      seed: 41,
      value: 0.9,
    });
  });

  it("is that of the coarsest rounding before accuracy is lost", () => {
    const sentence = descriptionSentence(rows, 0.02);
    expect(sentence).toContain(
      "Global RM at 4 bits per number, 40 thousand in all, with an accuracy of 90.0 %",
    );
    expect(sentence).toContain("Local RM at 6 bits per number, 60 thousand in all");
    expect(sentence).toContain("DPO RM at 2 bits per number, 20 thousand in all");
  });
});
