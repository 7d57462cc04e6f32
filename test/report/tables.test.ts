import { describe, expect, test } from "vitest";
import { readPublished } from "../../src/report/published.ts";
import { contrastsTable, publishedTable, resultsTable } from "../../src/report/tables.ts";

const result = (arm: string, mean: number) => ({
  arm,
  seeds: 5,
  winRate: { mean, low: mean - 0.1234, high: mean + 0.1 },
  goldGreedy: 1.65512,
  goldSampled: -0.589,
  entropy: 1.2,
  errors: 0.0123,
});
const results = [result("online-dpo", 0.515), result("sft", 0.363), result("mystery", 0.4)];

describe("tables", () => {
  test("of results stand in the arms' order, rounded for reading", () => {
    const frame = resultsTable(results);
    expect(frame.columns).toEqual([
      "arm",
      "seeds",
      "win rate, %",
      "95% interval",
      "gold, greedy",
      "gold, T = 1",
      "entropy",
      "errors, %",
    ]);
    expect(frame.values).toEqual([
      ["SFT", 5, 36.3, "[24.0, 46.3]", 1.655, -0.589, 1.2, 1.2],
      ["Online DPO (DPO)", 5, 51.5, "[39.2, 61.5]", 1.655, -0.589, 1.2, 1.2],
      ["mystery", 5, 40, "[27.7, 50.0]", 1.655, -0.589, 1.2, 1.2],
    ]);
  });

  test("of contrasts say where each interval lies", () => {
    const seeds = [21, 22, 23, 24, 25];
    const frame = contrastsTable([
      { id: "online-sft-vs-dpo", mean: 0.062, low: 0.034, high: 0.09, seeds },
      { id: "online-dpo-vs-dpo", mean: 0, low: -0.03, high: 0.03, seeds },
      { id: "dpo-vs-sft", mean: -0.062, low: -0.09, high: -0.034, seeds },
    ]);
    expect(frame.values).toEqual([
      ["Online DPO (SFT) − DPO", 6.2, "[3.4, 9.0]", "yes", 5],
      ["Online DPO (DPO) − DPO", 0, "[−3.0, 3.0]", "not shown", 5],
      ["DPO − SFT", -6.2, "[−9.0, −3.4]", "no, below", 5],
    ]);
    const rewards = contrastsTable([{ id: "dpo-vs-sft", mean: 0.348, low: 0.286, high: 0.41, seeds }], {
      unit: "reward",
    });
    expect(rewards.columns[1]).toBe("difference");
    expect((rewards.values as unknown[][])[0]!.slice(1, 3)).toEqual([0.348, "[0.286, 0.410]"]);
  });

  test("of the paper beside ours leave no cell empty that could be taken for a number", () => {
    const frame = publishedTable(readPublished(), results);
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
      ["mystery", "not reported", "not reported", "40.0", "[27.7, 50.0]"],
    ]);
    expect(() => publishedTable(readPublished(), results, ["gpt-5"])).toThrow(
      'no row "gpt-5"; there are pythia-1.4b,',
    );
  });

  test("without rows are refused in one sentence", () => {
    expect(() => resultsTable([])).toThrow("resultsTable has no rows; give at least one.");
  });
});
