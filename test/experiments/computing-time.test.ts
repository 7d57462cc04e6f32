import { expect, test } from "vitest";
import { computeRows } from "../../src/experiments/computing-time.ts";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import { definitionId } from "../../src/pipeline/stage.ts";
import { withAncestors } from "../../src/pipeline/stage-id.ts";
import { arms } from "../../src/results/labels.ts";
import { arm, seedPlan } from "../../src/results/plan.ts";
import { seedResult } from "../seed-results.ts";

const lab = laboratory(keyEnvConfig("smoke"), 3);
const planned = seedPlan(3, { arms: [arm(arms.dpo, lab.dpo(1)), arm(arms.onlineSft, lab.online(lab.sft))] });
const provenance = withAncestors(planned.plan.arms.map(({ policy }) => policy)).map((stage) => ({
  stage: definitionId(stage),
  seconds: 2,
  device: "none",
  tensorflow: "0",
  node: "0",
  finished: "",
  code: "",
}));

test("an arm adds the time of its reward model, samples and training, but not that of SFT and offline pairs", () => {
  const rows = computeRows([seedResult(3, { provenance })], [planned], [arms.dpo, arms.onlineSft]);
  expect(rows).toEqual([
    { arm: "DPO", "added computing, s": 4 },
    { arm: "Online DPO (SFT)", "added computing, s": 10 },
  ]);
});

test("samples and log-probabilities without a time of their own count with the stages that use them", () => {
  const earlier = provenance.filter(({ stage }) => !/^(samples|logps)-/.test(stage));
  const rows = computeRows([seedResult(3, { provenance: earlier })], [planned], [arms.dpo, arms.onlineSft]);
  expect(rows.map((row) => row["added computing, s"])).toEqual([2, 6]);
});

test("an arm that is not planned or not trained is an error", () => {
  const results = [seedResult(3, {})];
  expect(() => computeRows(results, [planned], [arms.dpo5x])).toThrow('no arm "DPO (5x)" of seed 3');
  expect(() => computeRows(results, [planned], [arms.dpo])).toThrow(
    /no computing time of .* train "DPO" first/,
  );
});
