import { describe, expect, test } from "vitest";
import { dataFractionPlan, equalities, equalSteps } from "../../../src/experiments/data-fraction/plan.ts";
import {
  bothGapsRows,
  dataParts,
  fractionArms,
  fractionPoints,
  fractionRows,
  fractionScorers,
  overSftRows,
  policyGapPoints,
  slopeEstimate,
  stepsRows,
} from "../../../src/experiments/data-fraction/report.ts";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { arms, type Label } from "../../../src/results/labels.ts";
import { readRegistration } from "../../../src/verdicts/read-registration.ts";
import { armResult, scorerResult, seedResult } from "../../seed-results.ts";
import { estimateIds } from "../estimate-ids.ts";
import { scorerIds } from "../in-plan.ts";

const plan = dataFractionPlan(laboratory(keyEnvConfig("laptop"), 3));
const parts = dataParts(4000);
const { interval, hypotheses } = readRegistration("12-ablation-data-fraction");

/** An arm's win rate in hundredths is the length of its id, so that most differ. */
const rate = (id: string) => id.length / 100;
const results = [41, 42].map((seed) =>
  seedResult(seed, {
    arms: plan.arms.map(({ label }) => armResult(label, rate(label.id))),
    scorers: (plan.scorers ?? []).map(({ label }) => scorerResult(label, rate(label.id))),
    curves: plan.arms.map(({ label }) => ({ arm: label, rows: [{ step: 1 }, { step: label.id.length }] })),
    pairs: Object.fromEntries(Object.keys(plan.pairs ?? {}).map((name) => [name, 7])),
  }),
);
const quarter = "25 %, equal steps";

describe("charts by the number of posts", () => {
  test("end every series with the arm on all posts", () => {
    const points = fractionPoints(results, parts, equalSteps, "greedy-win-rate", [arms.dpo]);
    const ofOneSeed = points.filter(({ seed }) => seed === 41);
    expect(ofOneSeed.map(({ series, x, value }) => [series, x, value])).toEqual([
      [arms.dpo, 400, rate("dpo@10 %, equal steps")],
      [arms.dpo, 1000, rate(`dpo@${quarter}`)],
      [arms.dpo, 2000, rate("dpo@50 %, equal steps")],
      [arms.dpo, 4000, rate("dpo")],
    ]);
  });

  test("show the registered policy gap at equal epochs and at equal steps", () => {
    const points = policyGapPoints(results, parts);
    expect(new Set(points.map(({ series }) => series))).toEqual(new Set<Label>(equalities));
    for (const { value } of points) expect(value).toBeCloseTo(rate("online-dpo") - rate("dpo-2x"));
  });
});

test.each(equalities)("the slope at $name is the registered one", (equality) => {
  const registered = hypotheses.find(({ id }) => id === `constant-gap-${equality.id}`);
  const own = slopeEstimate(parts, equality, { treatment: arms.onlineDpo, control: arms.dpo2x });
  expect(registered?.estimates.map(estimateIds)).toEqual([estimateIds(own)]);
});

describe("tables by the number of posts", () => {
  test("count posts, pairs and steps", () => {
    expect(fractionRows(results, parts)[1]).toEqual({
      fraction: "25 %",
      posts: 1000,
      pairs: 7,
      "steps, equal epochs": "dpo@25 %, equal epochs".length,
      "steps, equal steps": `dpo@${quarter}`.length,
    });
  });

  test("name a training curve that is missing", () => {
    const without = results.map((result) => ({ ...result, curves: [] }));
    expect(() => fractionRows(without, parts)).toThrow(
      'Seed 41 has no training curve of "DPO, 10 %, equal epochs"',
    );
  });

  test("subtract SFT, or equal epochs from equal steps, in points with an interval", () => {
    const gain = (100 * (rate(`dpo@${quarter}`) - rate("sft"))).toFixed(1);
    expect(overSftRows(results, parts, equalSteps, interval)[1]).toMatchObject({
      posts: 1000,
      DPO: `+${gain} [${gain}, ${gain}]`,
    });
    const rows = stepsRows(results, parts, interval);
    expect(rows.map(({ posts }) => posts)).toEqual([400, 1000, 2000]);
    for (const row of rows) expect(Object.keys(row)).toHaveLength(1 + fractionArms.length);
    expect(rows[0]).toMatchObject({ "DPO (2x)": "−1.0 [−1.0, −1.0]" });
  });

  test("show both gaps side by side, and those on all posts once", () => {
    const rows = bothGapsRows(results, parts, interval);
    expect(rows.map(({ posts, "kept equal": equal }) => `${posts} ${equal}`)).toEqual([
      ...["400 epochs", "1000 epochs", "2000 epochs", "4000 "],
      ...["400 steps", "1000 steps", "2000 steps"],
    ]);
    expect(rows[0]).toMatchObject({ "verification gap": "+3.0 [3.0, 3.0]", "policy gap": "+4.0 [4.0, 4.0]" });
  });

  test("list every scorer of the plan once", () => {
    const listed = fractionScorers(parts).map(({ id }) => id);
    expect(listed.sort()).toEqual(scorerIds(plan).sort());
  });
});
