import { describe, expect, it } from "vitest";
import { tune, tunings } from "../../src/experiments/programme.ts";
import { bestScorer, readTuning, type TuningTable, tuningTable } from "../../src/experiments/tuning.ts";
import type { ArmResult, ScorerResult, SeedResult } from "../../src/results/collect.ts";
import { readRegistration } from "../../src/verdicts/registration.ts";

const provenance = { device: "none", tensorflow: "0", node: "0", seconds: 1, code: "c", stage: "s" };
const results = [0, 1].map(
  (seed) =>
    ({
      seed,
      arms: [
        {
          arm: "dpo@fast",
          winRate: 0.25 + seed / 2,
          greedyRewards: [1, 2],
          optimum: 3,
        } as unknown as ArmResult,
      ],
      scorers: [
        {
          scorer: "global@fast",
          accuracy: [1, 0.5],
          probability: [0.6, 0.7 + seed / 100],
          bestOf: [
            { n: 1, values: [0, 0] },
            { n: 4, values: [1, seed] },
          ],
        } as unknown as ScorerResult,
      ],
      provenance: [{ ...provenance, finished: "2026-11-21T10:00:00Z" }],
    }) as unknown as SeedResult,
);

describe("the table of a tuning", () => {
  it("keeps the mean over prompts of each candidate on each seed, and what made it", () => {
    expect(tuningTable("09-x", results)).toEqual({
      command: "npm run tune -- 09-x",
      seeds: [0, 1],
      computed: { device: "none", tensorflow: "0", code: "c", day: "2026-11-21" },
      arms: { "dpo@fast": { winRate: [0.25, 0.75], reward: [1.5, 1.5], shareOfOptimum: [0.5, 0.5] } },
      scorers: {
        "global@fast": { accuracy: [0.75, 0.75], probability: [0.65, 0.655], bestOf: [0.5, 1] },
      },
    });
  });

  it("has as its best scorer the highest mean over seeds, the first of equals", () => {
    const values = (...probability: number[]) => ({ accuracy: [1, 1], probability, bestOf: [0, 0] });
    const table = { scorers: { a: values(0.6, 0.6), b: values(0.5, 0.8), c: values(0.8, 0.5) } };
    expect(bestScorer(table as unknown as TuningTable, ["a", "b", "c"], "probability")).toBe("b");
  });
});

describe("tunings", () => {
  it.each(Object.entries(tunings))("of %s look at registered tuning seeds alone", (id, { seeds }) => {
    expect(readRegistration(id).seeds.tuning).toEqual(expect.arrayContaining([...seeds]));
  });

  it.each(Object.entries(tunings))("of %s are kept with every candidate", (id, { seeds, plan }) => {
    const table = readTuning(id);
    const { arms, scorers = {} } = plan(seeds[0]!);
    expect(table.seeds).toEqual([...seeds]);
    expect(Object.keys(table.arms)).toEqual(Object.keys(arms));
    expect(Object.keys(table.scorers)).toEqual(Object.keys(scorers));
  });

  it("are run for notebooks that have one", async () => {
    await expect(tune("00-none")).rejects.toThrow(/no tuning "00-none"; there are 07-/);
  });
});
