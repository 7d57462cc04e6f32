import { expect, test } from "vitest";
import { ofScorers, scorerRows } from "../../src/report/scorers.ts";
import { scorers, variant } from "../../src/results/labels.ts";
import { scorerResult, seedResult } from "../seed-results.ts";

const twoEpochs = variant(scorers.dpo, "2 epochs");
const results = [41, 42, 43].map((seed, index) =>
  seedResult(seed, {
    scorers: [scorerResult(scorers.global, 0.8 + index / 10, 1 + index), scorerResult(twoEpochs, 0.5)],
  }),
);

test("scorers are averaged over seeds, and gold's own choice is the last row", () => {
  expect(scorerRows(results, [scorers.global, twoEpochs])).toEqual([
    {
      scorer: "Global RM",
      "accuracy, %": expect.closeTo(90),
      "mean probability, %": expect.closeTo(45),
      "best of 1": 2,
      "best of 25": 50,
    },
    expect.objectContaining({ scorer: "DPO RM, 2 epochs", "accuracy, %": 50 }),
    {
      scorer: "Gold reward",
      "accuracy, %": 100,
      "mean probability, %": "",
      "best of 1": 2,
      "best of 25": 50,
    },
  ]);
  expect(() => scorerRows(results, [])).toThrow("scorerRows needs at least one scorer.");
});

test("results can be limited to some scorers", () => {
  const limited = ofScorers(results, [twoEpochs]);
  expect(limited.map((one) => one.scorers.map(({ scorer }) => scorer.name))).toEqual(
    results.map(() => ["DPO RM, 2 epochs"]),
  );
  expect(() => ofScorers(results, [scorers.local])).toThrow(
    'Seed 41 has no scorer "Local RM"; it has Global RM, DPO RM, 2 epochs.',
  );
});
