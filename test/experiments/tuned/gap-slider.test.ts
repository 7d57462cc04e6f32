import { expect, test } from "vitest";
import { afterEpochs } from "../../../src/experiments/tuned/epochs.ts";
import { gapSliderChart } from "../../../src/experiments/tuned/gap-slider.ts";
import { arms } from "../../../src/results/labels.ts";
import { armResult, seedResult } from "../../seed-results.ts";

const rates = { dpo: { 1: 0.4, 2: 0.5, 5: 0.6 }, "online-sft": { 1: 0.5, 2: 0.7 } };
const results = [201, 202, 203].map((seed) =>
  seedResult(seed, {
    arms: [arms.dpo, arms.onlineSft].flatMap((label) =>
      Object.entries(rates[label.id as keyof typeof rates]).map(([epochs, rate]) =>
        armResult(afterEpochs(label, Number(epochs)), rate + (seed - 202) / (label === arms.dpo ? 100 : 50)),
      ),
    ),
  }),
);
const shown = { offline: arms.dpo, online: arms.onlineSft };

test("the gap is the paired difference at the sliders' epochs, which are those that an arm has", () => {
  const chart = gapSliderChart(results, { ...shown, start: { offline: 5, online: 2 } });
  // The differences are 9, 10 and 11 points; Student's t has the 97.5 % quantile 4.3027 with two degrees of freedom.
  expect(chart.description).toBe(
    "Win rate, greedy decoding, % by Epochs. At Epochs of Online DPO (SFT) 2, Epochs of DPO 5: " +
      "Online DPO (SFT) at 2 − DPO at 5 +10.0 [+7.5, +12.5].",
  );
  expect(chart.params).toMatchObject([
    { name: "treatment", value: 2, bind: { min: 1, max: 2 } },
    {},
    { name: "control", value: 5, bind: { min: 1, max: 5 } },
    {},
  ]);
});

test("an arm without results is an error", () => {
  expect(() => gapSliderChart(results, { ...shown, online: arms.onlineDpo })).toThrow(
    "`differences on the same seeds` is empty",
  );
});
