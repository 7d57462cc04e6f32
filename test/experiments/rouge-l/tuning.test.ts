import { expect, test } from "vitest";
import { mean } from "../../../src/evaluation/statistics.ts";
import { rougeLConfig } from "../../../src/experiments/rouge-l/plan.ts";
import { readTuning } from "../../../src/experiments/tuning.ts";

test("the tau in use has the more accurate reward model", () => {
  const { scorers } = readTuning("11-ablation-rouge-l");
  const accuracy = (tau: number) => mean(scorers[`global@tau ${tau}`]?.accuracy ?? []);
  const [best] = [0.06, 0.12].toSorted((a, b) => accuracy(b) - accuracy(a));
  expect(rougeLConfig("laptop").task).toEqual(rougeLConfig("laptop", best).task);
});
