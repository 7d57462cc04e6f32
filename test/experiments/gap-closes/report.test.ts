import { describe, expect, it } from "vitest";
import {
  closureGaps,
  hiddenReferenceRows,
  optimumRows,
  tunedArmRows,
} from "../../../src/experiments/gap-closes/report.ts";
import { rougeLConfig } from "../../../src/experiments/rouge-l/plan.ts";
import type { TuningTable } from "../../../src/experiments/tuning.ts";
import type { ArmResult, SeedResult } from "../../../src/results/collect.ts";
import { estimated, estimateName } from "../../../src/verdicts/estimates.ts";

const arm = (id: string, greedyRewards: number[], outcomes: number[]) =>
  ({ arm: id, greedyRewards, outcomes, optimum: 4 }) as unknown as ArmResult;
const results = [1, 2].map(
  (seed) =>
    ({
      seed,
      arms: [
        arm("dpo-2x", [1, 2], [0, 0]),
        arm("online-dpo", [2, 4], [1, 0]),
        arm("dpo-2x@long", [1, 1], [0, 0]),
        arm("online-dpo@long", [3, 3], [1, 1]),
      ],
      scorers: [],
    }) as unknown as SeedResult,
);
const interval = { draws: 1000, level: 0.95 };

describe("the gaps of two tasks", () => {
  it("are the task's own, the usual task's, and the second less the first", () => {
    const gaps = closureGaps("greedy-win-rate", ["online-dpo", "dpo-2x"], "long");
    expect(gaps.map((gap) => estimated(results, gap, interval).mean)).toEqual([0.5, 1, 0.5]);
    expect(estimateName(gaps[2]!)).toBe(
      "(Online DPO (DPO), long − DPO (2x), long) − (Online DPO (DPO) − DPO (2x))",
    );
  });
});

describe("the optimum's rows", () => {
  it("hold every arm's share of the optimum, in percent", () => {
    expect(optimumRows(results)[1]).toEqual({
      arm: "Online DPO (DPO)",
      "gold, greedy": 3,
      optimum: 4,
      "share of the optimum, %": 75,
    });
  });
});

describe("a tuning's rows", () => {
  it("hold means over seeds, in percent", () => {
    const table = {
      arms: { "dpo@gamma 0": { winRate: [0.4, 0.5], reward: [1, 1], shareOfOptimum: [0.5, 0.7] } },
    };
    expect(tunedArmRows(table as unknown as TuningTable)).toEqual([
      { arm: "DPO, gamma 0", "win rate, %": 45, "share of the optimum, %": 60 },
    ]);
  });
});

describe("posts with hidden references", () => {
  it("show the reference that the post foretells beside that of win rates, which it may differ from", () => {
    const config = {
      ...rougeLConfig("smoke"),
      sizes: { demonstrations: 1, pairs: 1, validation: 1, evaluation: 30 },
    };
    const rows = hiddenReferenceRows(config, 3, 20);
    expect(rows).toHaveLength(20);
    for (const row of rows) {
      const same = row["hidden reference"] === row["reference of win rates"];
      expect(row["its ROUGE-L"] === 1).toBe(same);
    }
    expect(rows.some((row) => row["its ROUGE-L"] !== 1)).toBe(true);
  });
});
