import { describe, expect, it } from "vitest";
import {
  candidateRates,
  rewardModelKinds,
  tunedRungId,
} from "../../../src/experiments/generalisation/plan.ts";
import {
  epochPoints,
  ladderEstimates,
  rateEdgeSentence,
  rungTuningRows,
  sameOrderSentence,
} from "../../../src/experiments/generalisation/report.ts";
import type { TuningTable } from "../../../src/experiments/tuning.ts";
import { scorerResult, seedResult } from "../../seed-results.ts";

const epochs = ["1 epoch", "2 epochs", "4 epochs", "8 epochs"];

describe("the ladder", () => {
  it("is drawn by epochs", () => {
    const scorers = rewardModelKinds.flatMap((rung, step) =>
      epochs.map((variant, at) => scorerResult(`${rung}@${variant}`, (10 * step + at) / 100)),
    );
    const points = epochPoints([seedResult(41, { scorers })], "accuracy");
    expect(points.filter(({ series }) => series === "local").map(({ x, value }) => [x, value])).toEqual([
      [1, 0.1],
      [2, 0.11],
      [4, 0.12],
      [8, 0.13],
    ]);
  });

  it("is climbed in distribution and on every shift", () => {
    const steps = ladderEstimates("accuracy").map(
      (one) => "treatment" in one && [one.treatment, one.control],
    );
    expect(steps).toHaveLength(8);
    expect(steps.slice(0, 3)).toEqual([
      ["global", "local"],
      ["local", "dpo"],
      ["global@rich posts", "local@rich posts"],
    ]);
  });

  it("shows what the learning rates were chosen from", () => {
    const ids = rewardModelKinds.flatMap((rung) => candidateRates.map((rate) => tunedRungId(rung, rate)));
    const entry = { accuracy: [0.5], probability: [0.5, 0.7], bestOf: [1] };
    const table = { scorers: Object.fromEntries(ids.map((id) => [id, entry])) } as unknown as TuningTable;
    const rows = rungTuningRows(table);
    expect(rows.map(({ scorer }) => scorer)).toEqual(["Global RM", "Local RM", "Last-token RM", "DPO RM"]);
    expect(rows[0]!["rate 0.003, %"]).toBeCloseTo(60);
  });
});

it("the rungs whose best learning rate was the highest tried are named", () => {
  expect(rateEdgeSentence()).toBe(
    "The highest learning rate tried, 0.006, was the best for Local RM and DPO RM: a higher one may be better still.",
  );
});

it("two measures are compared by the orders that they make", () => {
  const seed = (number: number, worths: [number, number]) =>
    seedResult(number, {
      scorers: [scorerResult("global", 0.9, worths[0]), scorerResult("dpo", 0.6, worths[1])],
    });
  expect(
    sameOrderSentence([seed(41, [2, 1]), seed(42, [1, 2])], ["global", "dpo"], "accuracy", "best-of-25"),
  ).toBe("accuracy and best of 25 put Global RM, DPO RM in the same order on 1 of 2 seeds.");
});
