import { describe, expect, it } from "vitest";
import { choicesRows, edgeSentence } from "../../src/report/choices.ts";
import { bestOfNValues } from "../../src/report/results.ts";
import { ofScorers, scorerRows } from "../../src/report/scorers.ts";
import { scorerResult, seedResult } from "../seed-results.ts";

const seeds = [41, 42, 43].map((seed, index) =>
  seedResult(seed, {
    scorers: [scorerResult("global", 0.8 + index / 10, 1 + index), scorerResult("dpo@2 epochs", 0.5)],
    choices: [
      {
        id: "global",
        chosen: index === 0 ? "global@1 epoch" : "global@8 epochs",
        from: [
          { id: "global@1 epoch", value: 0.5 },
          { id: "global@8 epochs", value: 0.4 + index / 10 },
        ],
      },
    ],
  }),
);

describe("a table of scorers", () => {
  it("averages over seeds, and ends with gold's own choice", () => {
    const [global, dpo, gold] = scorerRows(seeds, ["global", "dpo@2 epochs"]);
    expect(global).toMatchObject({ scorer: "Global RM", "best of 1": 2, "best of 25": 50 });
    expect(global!["accuracy, %"]).toBeCloseTo(90);
    expect(global!["mean probability, %"]).toBeCloseTo(45);
    expect(dpo).toMatchObject({ scorer: "DPO RM, 2 epochs", "accuracy, %": 50 });
    expect(gold).toMatchObject({ scorer: "Gold reward", "accuracy, %": 100, "best of 25": 50 });
  });

  it("is of those that are asked for alone, and names one that is missing", () => {
    const only = ofScorers(seeds, ["dpo@2 epochs"]);
    expect(new Set(bestOfNValues(only).map(({ scorer }) => scorer))).toEqual(
      new Set(["gold", "dpo@2 epochs"]),
    );
    expect(() => ofScorers(seeds, ["local"])).toThrow(
      'Seed 41 has no scorer "local"; it has global, dpo@2 epochs.',
    );
  });
});

describe("what was chosen", () => {
  it("is shown by what was tried, with how often it was", () => {
    const [row] = choicesRows(seeds, ["global"]);
    expect(row).toMatchObject({ "chosen among": "Global RM", chosen: "1 epoch (1), 8 epochs (2)" });
    expect(row!["1 epoch, %"]).toBeCloseTo(50);
    expect(row!["8 epochs, %"]).toBeCloseTo(50);
  });

  it("is named where it lies at an end, as a scorer where it is one", () => {
    expect(edgeSentence(seeds, "global", ["global@1 epoch", "global@8 epochs"])).toContain(
      "(Global RM, 1 epoch on 1, Global RM, 8 epochs on 2)",
    );
  });
});
