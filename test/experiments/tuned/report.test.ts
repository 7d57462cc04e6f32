import { describe, expect, test } from "vitest";
import { afterEpochs } from "../../../src/experiments/tuned/epochs.ts";
import { epochsChart, pathsChart } from "../../../src/experiments/tuned/report.ts";
import { arms } from "../../../src/results/labels.ts";
import { armResult, seedResult } from "../../seed-results.ts";

const epochs = [1, 2, 5];
const rates = { dpo: [0.4, 0.5, 0.6], "online-sft": [0.5, 0.7, 0.6] };
const results = [201, 202].map((seed) =>
  seedResult(seed, {
    arms: [arms.dpo, arms.onlineSft].flatMap((label) =>
      epochs.map((count, at) => ({
        ...armResult(
          afterEpochs(label, count),
          rates[label.id as keyof typeof rates][at]! + (seed - 201.5) / 50,
        ),
        kl: count / 10,
      })),
    ),
  }),
);
const shown = { arms: [arms.dpo, arms.onlineSft], title: "Title", epochs };

describe("the chart over epochs", () => {
  test("has the mean of every arm at every number of epochs", () => {
    expect(epochsChart(results, "greedy-win-rate", shown).description).toBe(
      "Win rate, greedy decoding, % by Epochs, means over seeds: DPO 40.0 at 1, 50.0 at 2, 60.0 at 5; " +
        "Online DPO (SFT) 50.0 at 1, 70.0 at 2, 60.0 at 5.",
    );
  });

  test("is an error for an arm that is not in the plan", () => {
    expect(() => epochsChart(results, "greedy-win-rate", { ...shown, arms: [arms.onlineDpo] })).toThrow(
      'The plan has no arm "Online DPO (DPO)" after 1, 2, ',
    );
  });
});

test("the chart of one measure against another goes through the epochs in order", () => {
  const chart = pathsChart(results, ["kl", "greedy-win-rate"], shown);
  expect(chart.description).toMatch(
    /^[Ww]in rate, greedy decoding, % by .*KL.*: DPO 40.00 at 0.10 to 60.00 at 0.50; Online DPO \(SFT\) 50.00 at 0.10 to 60.00 at 0.50\.$/,
  );
});
