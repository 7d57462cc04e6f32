import { expect, test } from "vitest";
import { offlineArms } from "../../../src/experiments/main-comparison/plan.ts";
import { epochsSentence, offlineChoices } from "../../../src/experiments/main-comparison/report.ts";
import { arms, type Label } from "../../../src/results/labels.ts";
import { seedResult } from "../../seed-results.ts";

const candidates = offlineArms.map(({ label, epochs }) => ({ label, value: epochs / 10 }));
const choosing = (...chosen: Label[]) =>
  chosen.map((one, index) =>
    seedResult(21 + index, { choices: [{ best: arms.dpoBest, chosen: one, candidates }] }),
  );

test("each seed's offline epochs are shown with the validation win rates that chose them", () => {
  expect(offlineChoices(choosing(arms.dpo2x))).toEqual([
    {
      seed: 21,
      epochs: 2,
      validation: [
        { epochs: 1, winRate: 0.1 },
        { epochs: 2, winRate: 0.2 },
        { epochs: 5, winRate: 0.5 },
      ],
    },
  ]);
  expect(() => offlineChoices([seedResult(21, {})])).toThrow("Seed 21 has no DPO (best epoch)");
});

test("a sentence says on how many seeds the longest registered arm was the best", () => {
  expect(epochsSentence(choosing(arms.dpo, arms.dpo5x, arms.dpo2x, arms.dpo5x))).toBe(
    "The longest registered offline run, 5 epochs, was chosen on 2 of 4 seeds: " +
      "there, the best number of epochs may lie beyond those tried.",
  );
  expect(epochsSentence(choosing(arms.dpo, arms.dpo2x, arms.dpo2x))).toBe(
    "The longest registered offline run, 5 epochs, was chosen on 0 of 3 seeds: " +
      "the best number of epochs lies within those tried.",
  );
});
