import { describe, expect, test } from "vitest";
import {
  onlineArmOfWidth,
  rewardModelOfWidth,
  rewardModelParameters,
  rewardModelSizes,
  roundedScorer,
  roundedScorers,
  roundingBits,
} from "../../../src/experiments/reward-model-size/plan.ts";
import {
  descriptionPoints,
  descriptionSentence,
  descriptions,
  sizeChart,
  sizeDifferences,
  sizeNeededSentence,
  sizePoints,
  sizeTuningRows,
} from "../../../src/experiments/reward-model-size/report.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import type { TuningTable } from "../../../src/experiments/tuning.ts";
import { arms, scorers } from "../../../src/results/labels.ts";
import { armResult, scorerResult, seedResult } from "../../seed-results.ts";

const config = keyEnvConfig("laptop");
/** Best of 25 of the reward models by width. */
const best = new Map([
  [16, 1.9],
  [24, 1.8],
  [48, 2],
  [96, 2.5],
]);
/** The fewest bits at which a scorer keeps its accuracy. */
const bitsNeeded = new Map([
  ["global", 4],
  ["local", 6],
  ["dpo", 0],
]);
const sized = rewardModelSizes.map(({ width }) =>
  scorerResult(rewardModelOfWidth(width), width / 100, Number(best.get(width)) / 25),
);
const rounded = roundedScorers.flatMap((scorer) =>
  roundingBits.map((bits) => ({
    ...scorerResult(roundedScorer(scorer, bits), bits < Number(bitsNeeded.get(scorer.id)) ? 0.6 : 0.9),
    deltaBits: 10_000 * bits,
  })),
);
const results = [41, 42].map((seed) =>
  seedResult(seed, {
    arms: rewardModelSizes.map(({ width }) => armResult(onlineArmOfWidth(width), width / 100)),
    scorers: [...sized, ...rounded],
  }),
);
const differences = sizeDifferences(results, { draws: 1000, level: 0.95 });

describe("reward models by size", () => {
  test("are drawn at their numbers of parameters", () => {
    const points = sizePoints(results, "accuracy", config);
    expect(points).toHaveLength(8);
    expect(points[0]).toEqual({
      series: scorers.global,
      x: rewardModelParameters(config, { width: 16, heads: 2 }),
      seed: 41,
      value: 0.16,
    });
  });

  test("are charted over their numbers of parameters on a logarithmic axis", () => {
    const titles = { title: "Accuracy by size", y: { title: "Accuracy", percent: true } };
    const { title, description } = sizeChart(results, "accuracy", config, titles);
    expect(title).toMatchObject({ text: ["Accuracy by size"] });
    expect(description).toContain("Accuracy, % by Parameters of the reward model");
  });

  test("are represented by the policies that learn from their labels in a measure of policies", () => {
    const points = sizePoints(results, "greedy-win-rate", config).filter(({ seed }) => seed === 41);
    expect(points.map(({ series, value }) => [series, value])).toEqual(
      rewardModelSizes.map(({ width }) => [arms.onlineSft, width / 100]),
    );
  });

  test("are each compared with the policy's size", () => {
    expect(differences.map(({ size, mean }) => [size.width, Number(mean.toFixed(6))])).toEqual([
      [16, -0.1],
      [24, -0.2],
      [96, 0.5],
    ]);
  });

  test("are needed as large as the smallest one within the margin, and larger ones do not count", () => {
    expect(sizeNeededSentence(differences, 0.15, config)).toContain("has d = 16 and ");
    expect(sizeNeededSentence(differences.slice(1), 0.25, config)).toContain("has d = 24 and ");
    expect(sizeNeededSentence(differences, 0.05, config)).toBe(
      "No smaller reward model that was tried is shown to be less than 0.05 of gold reward below that of the policy's " +
        "size (best of 25, by the interval).",
    );
  });
});

test("the tuning's rows show the probability at every learning rate, and nothing at rates not tried", () => {
  const measured = { "global@d = 16, learning rate 0.003": { probability: [0.6, 0.8] } };
  const rows = sizeTuningRows({ scorers: measured } as unknown as TuningTable);
  expect(rows[0]).toMatchObject({
    "reward model": "d = 16",
    "at 0.003": 70,
    "at 0.006": "",
    "rate used": "0.012",
  });
});

describe("the description length of scorers", () => {
  const rows = descriptions(results);

  test("is drawn in thousands of bits for every seed", () => {
    const local = descriptionPoints(rows).filter(({ series }) => series.id === "local");
    expect(local[2]).toEqual({ series: scorers.local, x: 60, seed: 41, value: 0.9 });
  });

  test("is that of the coarsest rounding before accuracy is lost", () => {
    const sentence = descriptionSentence(rows, 0.02);
    expect(sentence).toContain(
      "Global RM at 4 bits per number, 40 thousand in all, with an accuracy of 90.0 %",
    );
    expect(sentence).toContain("Local RM at 6 bits per number, 60 thousand in all");
    expect(sentence).toContain("DPO RM at 2 bits per number, 20 thousand in all");
  });

  test("is an error if it was not measured", () => {
    const unmeasured = results.map((one) => ({
      ...one,
      scorers: one.scorers.map((own) => ({ ...own, deltaBits: undefined })),
    }));
    expect(() => descriptions(unmeasured)).toThrow('Seed 41 has no length of "Global RM, 8 bits"');
  });
});
