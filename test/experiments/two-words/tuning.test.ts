import { expect, test } from "vitest";
import { mean } from "../../../src/evaluation/statistics.ts";
import { readTuning } from "../../../src/experiments/tuning.ts";
import { twoWordsConfig } from "../../../src/experiments/two-words/plan.ts";

test("the gamma in use has DPO between half and 95 % of the optimum, and leaves DPO (2x) the most room", () => {
  const { arms } = readTuning("10-ablation-two-words");
  const share = (arm: string, gamma: number) => mean(arms[`${arm}@gamma ${gamma}`]?.shareOfOptimum ?? []);
  const fit = [0, 0.3].filter((gamma) => share("dpo", gamma) > 0.5 && share("dpo", gamma) < 0.95);
  const [roomiest] = fit.toSorted((a, b) => share("dpo-2x", a) - share("dpo-2x", b));
  expect(twoWordsConfig("laptop").task).toEqual(twoWordsConfig("laptop", roomiest).task);
});
