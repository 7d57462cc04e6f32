import { expect, test } from "vitest";
import {
  estimateCell,
  estimateSentence,
  estimatesText,
  estimateText,
} from "../../src/report/estimate-text.ts";
import { arms } from "../../src/results/labels.ts";
import type { Estimated } from "../../src/verdicts/estimates.ts";
import { armResult, seedResult } from "../seed-results.ts";

const difference = { metric: "greedy-win-rate", treatment: arms.onlineDpo, control: arms.dpo };
const estimatedAs = (low: number, high: number, metric = difference.metric): Estimated => ({
  estimate: { ...difference, metric },
  mean: (low + high) / 2,
  low,
  high,
  values: [21, 22].map((seed) => ({ seed, value: low })),
});

test("a sentence gives the mean, the interval, the seeds and the side of zero", () => {
  expect(estimateSentence(estimatedAs(0.034, 0.09), 0.95)).toBe(
    "Online DPO (DPO) − DPO, win rate, greedy decoding: +6.2 points, 95% interval [+3.4, +9.0], 2 seeds: above zero.",
  );
  expect(estimateSentence(estimatedAs(0.5, 0.6, "sampled-reward"), 0.95)).toBe(
    "Online DPO (DPO) − DPO, gold reward, sampling at T = 1: +0.550, 95% interval [+0.500, +0.600], 2 seeds: above zero.",
  );
  expect(estimateSentence(estimatedAs(-0.2, -0.1), 0.9)).toMatch(/90% interval .*: below zero\.$/);
});

test("a number that is not zero is never rounded to zero", () => {
  expect(estimateSentence(estimatedAs(0.00003, 0.01), 0.95)).toContain("[+0.003, +1.0]");
  expect(estimateSentence(estimatedAs(0, 0.01), 0.95)).toMatch(/\[0\.0, \+1\.0\].*: zero is not excluded\.$/);
});

test("the short form has mean and interval", () => {
  expect(estimateText(estimatedAs(0.034, 0.09))).toBe(
    "Online DPO (DPO) − DPO, win rate, greedy decoding: +6.2 [+3.4, +9.0] points",
  );
  expect(estimateText(estimatedAs(0.034, 0.09), 1 - 0.05 / 7)).toBe(
    "Online DPO (DPO) − DPO, win rate, greedy decoding: +6.2 [+3.4, +9.0] points (99.3% interval)",
  );
});

const results = [41, 42].map((seed) =>
  seedResult(seed, { arms: [armResult(arms.dpo, 0.4), armResult(arms.onlineDpo, 0.5)] }),
);
const interval = { draws: 1000, level: 0.95 };

test("estimates are a Markdown list", () => {
  const text = estimatesText(results, [difference, { ...difference, treatment: arms.dpo }], interval);
  expect(text.split("\n").map((line) => line.slice(0, 26))).toEqual([
    "- Online DPO (DPO) − DPO, ",
    "- DPO − DPO, win rate, gre",
  ]);
});

test("curves that do not overlap are named with their seeds, and have no cell", () => {
  const curves = {
    metric: "greedy-win-rate",
    name: "At one KL",
    atEqual: "kl",
    treatment: [arms.dpo, arms.sft],
    control: [arms.onlineDpo, arms.dpo2x],
  };
  const apart = [41, 42].map((seed) =>
    seedResult(seed, {
      arms: [arms.dpo, arms.sft, arms.onlineDpo, arms.dpo2x].map((arm, kl) => ({
        ...armResult(arm, 0.4),
        kl,
      })),
    }),
  );
  const student = { method: "student t", level: 0.95 } as const;
  expect(estimatesText(apart, [curves], student)).toBe(
    "- At one KL, win rate, greedy decoding: no overlap in KL from the reference on seeds 41, 42.",
  );
  expect(estimateCell(apart, curves, student)).toBe("–");
});

test("a cell has mean and interval", () => {
  expect(estimateCell(results, difference, interval)).toBe("+10.0 [10.0, 10.0]");
});
