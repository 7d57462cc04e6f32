import { describe, expect, it } from "vitest";
import {
  type Chapter,
  costRows,
  countSentence,
  epochsMarkdown,
  verdictsMarkdown,
  winRateEffects,
} from "../../../src/experiments/verdicts/chapters.ts";
import { verdictsChart } from "../../../src/report/charts.ts";
import type { ArmResult, SeedResult } from "../../../src/results/collect.ts";
import type { Status } from "../../../src/verdicts/contrasts.ts";

const arm = (id: string, rate: number) => ({ arm: id, outcomes: [rate, rate] }) as unknown as ArmResult;
const seedResult = (seed: number): SeedResult => ({
  seed,
  arms: [arm("dpo", 0.2), arm("dpo-2x", 0.3), arm("dpo-best", 0.5), arm("online-dpo", 0.6)],
  scorers: [],
  choices: [],
  curves: [],
  pairs: {},
  provenance: [
    { stage: "shared", seconds: 60, device: "", tensorflow: "", node: "", finished: "", code: "" },
    { stage: `own ${seed}`, seconds: 30, device: "", tensorflow: "", node: "", finished: "", code: "" },
  ],
});
const decided = (status: Status, metric = "greedy-win-rate") => ({
  hypothesis: `H ${status}`,
  statement: "One | other.",
  status,
  effects: [{ id: "a", name: "Online − offline", metric, mean: 0.1, low: 0.05, high: 0.15, seeds: [41, 42] }],
});
const chapter: Chapter = {
  id: "06-h4-data",
  claim: "",
  reported: [],
  decided: [decided("supported"), decided("refuted", "accuracy"), decided("not shown", "greedy-reward")],
  results: [seedResult(41), seedResult(42)],
};
const chapters = [chapter, { ...chapter, id: "01-replication", decided: [decided("uninformative")] }];

describe("the page of verdicts", () => {
  it("has a row for every hypothesis, whatever came out, with its numbers and its notebook", () => {
    const [, , ...rows] = verdictsMarkdown(chapters).split("\n");
    expect(rows).toHaveLength(4);
    expect(rows[0]).toContain("[06](06-h4-data.html)");
    expect(rows[0]).toContain("+10.0 [+5.0, +15.0]");
    expect(rows[0]).toContain("One \\| other.");
    expect(rows[2]).toContain("○ not shown");
    expect(rows[3]).toContain("[01](01-main-comparison.html)");
  });

  it("counts the verdicts", () => {
    expect(countSentence(chapters)).toBe(
      "Of 4 registered hypotheses 1 are supported, 1 refuted, 1 not shown, and on 1 these runs cannot tell.",
    );
  });

  it("shows the gap for more and more offline epochs, and says what was not run", () => {
    const row = epochsMarkdown([chapter]).split("\n").at(-1)!;
    expect(row).toContain("Online DPO (DPO)");
    expect(row.match(/[+−][\d.]+ \[/g)).toEqual(["+40.0 [", "+30.0 [", "+10.0 ["]);
    expect(row).toContain("not run");
  });

  it("counts a stage that seeds share once", () => {
    expect(costRows([chapter])).toEqual([
      { experiment: "06-h4-data", seeds: "41, 42", stages: 3, "computing, min": 2 },
    ]);
  });

  it("draws the differences in win rate alone", () => {
    const effects = winRateEffects(chapters);
    expect(effects.map(({ status }) => status)).toEqual(["supported", "uninformative"]);
    expect(verdictsChart(effects).description).toContain(
      "06 H supported Online − offline +10.0 [+5.0, +15.0], supported",
    );
  });
});
