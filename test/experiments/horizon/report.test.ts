import { describe, expect, test } from "vitest";
import {
  atPlace,
  clausesAxis,
  clausesPlan,
  ringAxis,
  ringPlan,
  ringScorers,
} from "../../../src/experiments/horizon/plan.ts";
import {
  alongAxisChart,
  exampleWalkRows,
  gapPointsAlongAxis,
  gapRowsAlongAxis,
  pointsAlongAxis,
  slopeAlongAxis,
} from "../../../src/experiments/horizon/report.ts";
import { arms, type Label, scorers } from "../../../src/results/labels.ts";
import { readRegistration } from "../../../src/verdicts/read-registration.ts";
import { armResult, scorerResult, seedResult } from "../../seed-results.ts";
import { estimateIds } from "../estimate-ids.ts";
import { scorerIds } from "../in-plan.ts";

const cases = [
  ["13-horizon", ringAxis, ringPlan("laptop", 3)],
  ["13-horizon-clauses", clausesAxis, clausesPlan("laptop", 3)],
] as const;

const placeOf = (id: string) => Number(id.split(" = ")[1]);
/** Online arms and reward models gain a hundredth per step or clause over all others. */
const rate = ({ id }: Label) => 0.5 + (/^(online|global)/.test(id) ? placeOf(id) / 100 : 0);
const policyGap = { treatment: arms.onlineDpo, control: arms.dpo2x };
const verificationGap = { treatment: scorers.global, control: scorers.dpo5x };

describe.each(cases)("%s", (id, axis, plan) => {
  const { hypotheses, interval } = readRegistration(id);
  const results = [41, 42].map((seed) =>
    seedResult(seed, {
      arms: plan.arms.map(({ label }) => armResult(label, rate(label))),
      scorers: (plan.scorers ?? []).map(({ label }) => scorerResult(label, rate(label))),
    }),
  );

  test("registers the slopes of both gaps over its whole axis", () => {
    const registered = hypotheses.flatMap(({ estimates }) => estimates);
    const own = [
      slopeAlongAxis(axis, "accuracy", verificationGap),
      slopeAlongAxis(axis, "greedy-win-rate", policyGap),
    ];
    expect(registered.map(estimateIds)).toEqual(expect.arrayContaining(own.map(estimateIds)));
    for (const one of registered)
      expect("name" in one && one.name).toMatch(
        new RegExp(`^Slope of .* − .* per doubling of ${axis.symbol}$`),
      );
  });

  test("draws charts along its axis", () => {
    const points = pointsAlongAxis(results, axis, "accuracy", [scorers.global]);
    const { description } = alongAxisChart(points, axis, { title: "Title", y: { title: "Accuracy" } });
    expect(description).toMatch(
      new RegExp(`^Accuracy by ${axis.title}, means over seeds: Global RM .* at 1,`),
    );
  });

  test("has measures and gaps at every place", () => {
    const values = pointsAlongAxis(results, axis, "accuracy", [scorers.global]);
    expect(values.filter(({ seed }) => seed === 42)).toEqual(
      axis.places.map((x) => ({ series: scorers.global, x, seed: 42, value: 0.5 + x / 100 })),
    );
    const gaps = gapPointsAlongAxis(results, axis, "greedy-win-rate", arms.onlineDpo, [arms.dpo, arms.dpo2x]);
    expect(gaps).toHaveLength(2 * 2 * axis.places.length);
    for (const { x, value } of gaps) expect(value).toBeCloseTo(x / 100);
  });

  test("shows gaps with their intervals, shares in points", () => {
    const accuracy = { metric: "accuracy", ...verificationGap };
    const rows = gapRowsAlongAxis(
      results,
      axis,
      [accuracy, { metric: "greedy-reward", ...policyGap }],
      interval,
    );
    expect(rows[2]).toEqual({
      [axis.symbol]: 3,
      "Global RM − DPO RM (5x), accuracy": "+3.0 [3.0, 3.0]",
      "Online DPO (DPO) − DPO (2x), gold reward, greedy decoding": "+0.030 [0.030, 0.030]",
    });
    for (const row of gapRowsAlongAxis(results, axis, [accuracy], interval))
      expect(Object.keys(row)).toEqual([axis.symbol, "Global RM − DPO RM (5x)"]);
  });
});

test("every scorer of the ring has a colour of its own", () => {
  const ids = ringScorers.flatMap((scorer) =>
    ringAxis.places.map((place) => atPlace(scorer, ringAxis, place).id),
  );
  expect(ids.sort()).toEqual(scorerIds(ringPlan("laptop", 3)).sort());
  expect(new Set(ringScorers.map(({ colour }) => colour)).size).toBe(ringScorers.length);
});

test("the walks shown are a seed's first ones at every horizon, and none beats the best in reach", () => {
  const rows = exampleWalkRows("smoke", 3);
  expect(rows.map(({ H }) => H)).toEqual(ringAxis.places);
  for (const row of rows) {
    const [walk, reference, best] = ["gold", "gold of it", "the best in reach"].map((key) =>
      Number(row[key]),
    );
    expect(walk).toBeLessThanOrEqual(best ?? Number.NaN);
    expect(reference).toBeLessThanOrEqual(best ?? Number.NaN);
  }
  expect(exampleWalkRows("smoke", 3)).toEqual(rows);
  expect(exampleWalkRows("smoke", 4)).not.toEqual(rows);
});
