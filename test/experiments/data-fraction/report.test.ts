import { describe, expect, it } from "vitest";
import { dataFractionPlan, equalities } from "../../../src/experiments/data-fraction/plan.ts";
import {
  bothGapsRows,
  fractionArms,
  fractionPlaces,
  fractionPoints,
  fractionRows,
  fractionScorers,
  gapPoints,
  overSftRows,
  slopeEstimate,
  stepsRows,
} from "../../../src/experiments/data-fraction/report.ts";
import { laboratory } from "../../../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../../../src/experiments/settings.ts";
import { readRegistration } from "../../../src/verdicts/registration.ts";
import { armResult, scorerResult, seedResult } from "../../seed-results.ts";

const plan = dataFractionPlan(laboratory(keyEnvConfig("laptop"), 3));
const parts = fractionPlaces(4000);
const { interval, hypotheses } = readRegistration("12-ablation-data-fraction");

/** Every arm of the plan wins more by the number of letters in its id, so that all differ. */
const rate = (id: string) => id.length / 100;
const results = [41, 42].map((seed) =>
  seedResult(seed, {
    arms: Object.keys(plan.arms).map((id) => armResult(id, rate(id))),
    scorers: Object.keys(plan.scorers!).map((id) => scorerResult(id, rate(id))),
    curves: Object.keys(plan.arms).map((arm) => ({ arm, rows: [{ step: 1 }, { step: arm.length }] })),
    pairs: Object.fromEntries(Object.keys(plan.pairs!).map((id) => [id, 7])),
  }),
);
const quarter = "25 %, equal steps";

describe("charts by the number of posts", () => {
  it("have the whole on every line, and every part under its own id", () => {
    const points = fractionPoints(results, parts, "steps", "greedy-win-rate", ["dpo"]);
    const ofOne = points.filter(({ seed }) => seed === 41).map(({ series, x, value }) => [series, x, value]);
    expect(ofOne).toEqual([
      ["dpo", 400, rate("dpo@10 %, equal steps")],
      ["dpo", 1000, rate(`dpo@${quarter}`)],
      ["dpo", 2000, rate("dpo@50 %, equal steps")],
      ["dpo", 4000, rate("dpo")],
    ]);
  });

  it("draw the gap that is registered, at equal epochs and at equal steps", () => {
    const points = gapPoints(results, parts);
    expect(new Set(points.map(({ series }) => series))).toEqual(new Set(equalities));
    for (const { value } of points) expect(value).toBeCloseTo(rate("online-dpo") - rate("dpo-2x"));
  });
});

it.each(equalities)("the slope is the registered one, at equal %s", (equal) => {
  const registered = hypotheses.find(({ id }) => id === `constant-gap-${equal}`)!;
  expect(registered.estimates).toEqual([slopeEstimate(parts, equal, "online-dpo", "dpo-2x")]);
});

describe("tables by the number of posts", () => {
  it("count posts, pairs and steps", () => {
    expect(fractionRows(results, parts)[1]).toEqual({
      fraction: "25 %",
      posts: 1000,
      pairs: 7,
      "steps, equal epochs": "dpo@25 %, equal epochs".length,
      "steps, equal steps": `dpo@${quarter}`.length,
    });
  });

  it("subtract SFT, or equal epochs from equal steps, in points with an interval", () => {
    const gain = (100 * (rate(`dpo@${quarter}`) - rate("sft"))).toFixed(1);
    expect(overSftRows(results, parts, "steps", interval)[1]).toMatchObject({
      posts: 1000,
      DPO: `+${gain} [${gain}, ${gain}]`,
    });
    const rows = stepsRows(results, parts, interval);
    expect(rows.map(({ posts }) => posts)).toEqual([400, 1000, 2000]);
    expect(Object.keys(rows[0]!)).toHaveLength(1 + fractionArms.length);
    expect(rows[0]!["DPO (2x)"]).toBe("−1.0 [−1.0, −1.0]");
  });

  it("put both gaps beside each other, the whole once", () => {
    const rows = bothGapsRows(results, parts, interval);
    expect(rows.map(({ posts, "kept equal": equal }) => `${posts} ${equal}`)).toEqual([
      ...["400 epochs", "1000 epochs", "2000 epochs", "4000 "],
      ...["400 steps", "1000 steps", "2000 steps"],
    ]);
    expect(rows[0]).toMatchObject({ "verification gap": "+3.0 [3.0, 3.0]", "policy gap": "+4.0 [4.0, 4.0]" });
  });

  it("have every scorer once", () => {
    expect(fractionScorers(parts).sort()).toEqual(Object.keys(plan.scorers!).sort());
  });
});
