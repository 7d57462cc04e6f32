import { expect, test } from "vitest";
import { readPublished } from "../../src/report/published.ts";
import {
  differencesTable,
  intervalText,
  publishedTable,
  resultsTable,
  rowsTable,
} from "../../src/report/tables.ts";
import { arms, type Label, label } from "../../src/results/labels.ts";

const summary = (arm: Label, mean: number) => ({
  arm,
  seeds: 5,
  winRate: { mean, low: mean - 0.1234, high: mean + 0.1 },
  goldGreedy: 1.65512,
  goldSampled: -0.589,
  entropy: 1.2,
  malformed: 0.0123,
});
const summaries = [
  summary(arms.onlineDpo, 0.515),
  summary(arms.sft, 0.363),
  summary(label("mystery", "Mystery", "#707070"), 0.4),
];

test("results are in display order and rounded", () => {
  const frame = resultsTable(summaries);
  expect(frame.columns).toEqual([
    "arm",
    "seeds",
    "win rate, %",
    "95% interval",
    "gold, greedy",
    "gold, T = 1",
    "entropy",
    "malformed, %",
  ]);
  expect(frame.values).toEqual([
    ["SFT", 5, 36.3, "[24.0, 46.3]", 1.655, -0.589, 1.2, 1.2],
    ["Online DPO (DPO)", 5, 51.5, "[39.2, 61.5]", 1.655, -0.589, 1.2, 1.2],
    ["Mystery", 5, 40, "[27.7, 50.0]", 1.655, -0.589, 1.2, 1.2],
  ]);
});

const difference = (
  metric: string,
  [treatment, control]: readonly [Label, Label],
  [mean, low, high]: readonly [number, number, number],
) => ({
  estimate: { metric, treatment, control },
  mean,
  low,
  high,
  values: [21, 22, 23, 24, 25].map((seed) => ({ seed, value: mean })),
});

test("differences in a share are in points, with the side of zero of each interval", () => {
  const frame = differencesTable([
    difference("greedy-win-rate", [arms.onlineSft, arms.dpo], [0.062, 0.034, 0.09]),
    difference("greedy-win-rate", [arms.onlineDpo, arms.dpo], [0, -0.03, 0.03]),
    difference("greedy-win-rate", [arms.dpo, arms.sft], [-0.062, -0.09, -0.034]),
  ]);
  expect(frame.columns).toEqual(["contrast", "difference, points", "95% interval", "above zero", "seeds"]);
  expect(frame.values).toEqual([
    ["Online DPO (SFT) − DPO", 6.2, "[3.4, 9.0]", "yes", 5],
    ["Online DPO (DPO) − DPO", 0, "[−3.0, 3.0]", "not shown", 5],
    ["DPO − SFT", -6.2, "[−9.0, −3.4]", "no, below", 5],
  ]);
});

test("differences in a reward are in its own unit", () => {
  const reward = difference("sampled-reward", [arms.dpo, arms.sft], [0.348, 0.286, 0.41]);
  const frame = differencesTable([reward]);
  expect(frame.columns[1]).toBe("difference");
  expect(frame.values).toEqual([["DPO − SFT", 0.348, "[0.286, 0.410]", "yes", 5]]);
  const share = difference("greedy-win-rate", [arms.dpo, arms.sft], [0, 0, 0]);
  expect(() => differencesTable([reward, share])).toThrow(
    "differencesTable: the units reward and share need a table each.",
  );
});

test("the paper's win rates and ours say what was not reported and not run", () => {
  const frame = publishedTable(readPublished(), summaries);
  expect(frame.columns).toEqual([
    "win rate, %",
    "paper, Pythia 1.4B",
    "paper, Pythia 2.8B",
    "here",
    "here, 95% interval",
  ]);
  expect(frame.values).toEqual([
    ["SFT", "26.2", "30.5", "36.3", "[24.0, 46.3]"],
    ["DPO", "49.7", "54.9", "not run", ""],
    ["DPO (2x)", "52.2", "not reported", "not run", ""],
    ["Online DPO (SFT)", "56.1", "60.8", "not run", ""],
    ["Online DPO (DPO)", "59.3", "59.4", "51.5", "[39.2, 61.5]"],
    ["Mystery", "not reported", "not reported", "40.0", "[27.7, 50.0]"],
  ]);
});

test("an unknown model or published arm is an error", () => {
  const published = readPublished();
  expect(() => publishedTable(published, summaries, ["gpt-5"])).toThrow(
    'no row "gpt-5"; there are pythia-1.4b,',
  );
  const rows = published.rows.map((row) => ({ ...row, winRate: { ppo: 50 } }));
  expect(() => publishedTable({ ...published, rows }, summaries)).toThrow('unknown arm "ppo"');
});

test("rows have the columns of the first row", () => {
  const frame = rowsTable([
    { a: 1, b: "x" },
    { b: "y", a: 2 },
  ]);
  expect(frame.values).toEqual([
    [1, "x"],
    [2, "y"],
  ]);
});

test("a table without rows is an error", () => {
  expect(() => resultsTable([])).toThrow("resultsTable has no rows; give at least one.");
});

test("intervals have true minus signs", () => {
  expect(intervalText(-0.5, 2, 1)).toBe("[−0.5, 2.0]");
});
