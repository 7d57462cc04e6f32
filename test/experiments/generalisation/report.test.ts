import { expect, test } from "vitest";
import {
  epochEdgesText,
  epochLabels,
  epochPoints,
  highestRateSentence,
  kindEstimates,
  learningRateRows,
  sameOrderSentence,
} from "../../../src/experiments/generalisation/report.ts";
import {
  afterEpochs,
  atLearningRate,
  candidateRates,
  rewardModelKinds,
} from "../../../src/experiments/generalisation/reward-models.ts";
import type { TuningTable } from "../../../src/experiments/tuning.ts";
import { scorers } from "../../../src/results/labels.ts";
import { scorerResult, seedResult } from "../../seed-results.ts";
import { estimateIds } from "../estimate-ids.ts";

test("a measure is drawn by epochs for every kind of reward model", () => {
  const judged = rewardModelKinds.flatMap(({ label }, kind) =>
    epochLabels(label).map((one, index) => scorerResult(one, (10 * kind + index) / 100)),
  );
  const points = epochPoints([seedResult(41, { scorers: judged })], "accuracy");
  const local = points.filter(({ series }) => series.id === "local");
  expect(local.map(({ x, value }) => [x, value])).toEqual([
    [1, 0.1],
    [2, 0.11],
    [4, 0.12],
    [8, 0.13],
  ]);
});

test("each kind says on how many seeds it was best after the fewest or the most epochs", () => {
  const choices = rewardModelKinds.map(({ label: best }) => {
    const candidates = epochLabels(best).map((label) => ({ label, value: 0.5 }));
    return { best, chosen: afterEpochs(best, 1), candidates };
  });
  const lines = epochEdgesText([seedResult(41, { choices })]).split("\n");
  expect(lines).toHaveLength(rewardModelKinds.length);
  expect(lines[0]).toBe(
    "- Global RM. Of 1 seed the choice fell on an end of what was tried on 1 (Global RM, 1 epoch on 1, " +
      "Global RM, 8 epochs on 0): there, something beyond what was tried may be better.",
  );
});

test("neighbouring kinds are compared in distribution and under every shift", () => {
  const differences = kindEstimates("accuracy").map(estimateIds);
  expect(differences).toHaveLength(8);
  expect(differences.slice(0, 3)).toEqual([
    { metric: "accuracy", difference: ["global", "local"] },
    { metric: "accuracy", difference: ["local", "dpo"] },
    { metric: "accuracy", difference: ["global@rich posts", "local@rich posts"] },
  ]);
});

test("the tuning's rows show the probability at every learning rate in percent", () => {
  const ids = rewardModelKinds.flatMap(({ label }) =>
    candidateRates.map((rate) => atLearningRate(label, rate).id),
  );
  const entry = { accuracy: [0.5], probability: [0.5, 0.7], bestOf: [1] };
  const table = { scorers: Object.fromEntries(ids.map((id) => [id, entry])) } as unknown as TuningTable;
  const rows = learningRateRows(table);
  expect(rows.map(({ scorer }) => scorer)).toEqual(["Global RM", "Local RM", "Last-token RM", "DPO RM"]);
  for (const row of rows) expect(row["rate 0.003, %"]).toBeCloseTo(60);
  expect(() => learningRateRows({ ...table, scorers: {} })).toThrow(
    'The table has no probability of "Global RM, learning rate 0.001"',
  );
});

test("the kinds whose best learning rate was the highest tried are named", () => {
  expect(highestRateSentence()).toBe(
    "The highest learning rate tried, 0.006, was the best for Local RM and DPO RM: a higher one may be better still.",
  );
});

test("two measures are compared by their order of scorers on each seed", () => {
  const seed = (number: number, worths: [number, number]) =>
    seedResult(number, {
      scorers: [scorerResult(scorers.global, 0.9, worths[0]), scorerResult(scorers.dpo, 0.6, worths[1])],
    });
  const results = [seed(41, [2, 1]), seed(42, [1, 2])];
  expect(sameOrderSentence(results, [scorers.global, scorers.dpo], "accuracy", "best-of-25")).toBe(
    "accuracy and best of 25 put Global RM, DPO RM in the same order on 1 of 2 seeds.",
  );
});
