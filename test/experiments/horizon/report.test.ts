import { describe, expect, it } from "vitest";
import { clausesPlan, ringPlan } from "../../../src/experiments/horizon/plan.ts";
import {
  alongAxis,
  clausesAxis,
  gapRowsAlongAxis,
  gapsAlongAxis,
  type HorizonAxis,
  ringAxis,
  scorerStyles,
  slopeAlongAxis,
} from "../../../src/experiments/horizon/report.ts";
import { type Estimate, readRegistration } from "../../../src/verdicts/registration.ts";
import { armResult, scorerResult, seedResult } from "../../seed-results.ts";

const cases = [
  ["13-horizon", ringAxis, ringPlan("laptop", 3)],
  ["13-horizon-clauses", clausesAxis, clausesPlan("laptop", 3)],
] as const;

const placeOf = (id: string) => Number(id.split(" = ")[1]);
/** Online arms and reward models gain a point per step or clause on all others. */
const rate = (id: string) => 0.5 + (/^(online|global)/.test(id) ? placeOf(id) / 100 : 0);

describe.each(cases)("%s", (id, axis, plan) => {
  const { hypotheses, interval } = readRegistration(id);
  const results = [41, 42].map((seed) =>
    seedResult(seed, {
      arms: Object.keys(plan.arms).map((arm) => armResult(arm, rate(arm))),
      scorers: Object.keys(plan.scorers!).map((scorer) => scorerResult(scorer, rate(scorer))),
    }),
  );

  it("registers the slopes over the whole of its axis", () => {
    const slopes = hypotheses.flatMap(({ estimates }) => estimates) as Extract<
      Estimate,
      { slope: unknown }
    >[];
    expect(slopes.length).toBeGreaterThan(3);
    for (const { metric, scale, slope, name } of slopes) {
      const [treatment, control] = [slope[0]!.treatment, slope[0]!.control].map((one) =>
        withoutPlace(one, axis),
      );
      const own = slopeAlongAxis(axis, metric, treatment!, control!);
      expect(own).toMatchObject({ scale, slope });
      expect(name).toMatch(new RegExp(`^Slope of .* − .* per doubling of ${axis.symbol}$`));
    }
  });

  it("has measures and gaps at every place", () => {
    const values = alongAxis(results, axis, "accuracy", ["global"]).filter(({ seed }) => seed === 42);
    expect(values).toEqual(axis.places.map((x) => ({ series: "global", x, seed: 42, value: 0.5 + x / 100 })));
    const gaps = gapsAlongAxis(results, axis, "greedy-win-rate", "online-dpo", ["dpo", "dpo-2x"]);
    expect(gaps).toHaveLength(2 * 2 * axis.places.length);
    for (const { x, value } of gaps) expect(value).toBeCloseTo(x / 100);
  });

  it("shows gaps with their intervals, shares in points", () => {
    const gaps = [
      { metric: "accuracy", treatment: "global", control: "dpo@5 epochs" },
      { metric: "greedy-reward", treatment: "online-dpo", control: "dpo-2x" },
    ];
    const rows = gapRowsAlongAxis(results, axis, gaps, interval);
    expect(rows[2]).toEqual({
      [axis.symbol]: 3,
      "Global RM − DPO RM, 5 epochs, accuracy": "+3.0 [3.0, 3.0]",
      "Online DPO (DPO) − DPO (2x), gold reward, greedy decoding": "+0.030 [0.030, 0.030]",
    });
    const [first] = gapRowsAlongAxis(results, axis, gaps.slice(0, 1), interval);
    expect(Object.keys(first!)).toEqual([axis.symbol, "Global RM − DPO RM, 5 epochs"]);
  });
});

it("every scorer of the ring has a style of its own", () => {
  const ids = Object.keys(ringPlan("laptop", 3).scorers!).map((id) => withoutPlace(id, ringAxis));
  expect(new Set(scorerStyles.map(({ id }) => id))).toEqual(new Set(ids));
  expect(new Set(scorerStyles.map(({ colour }) => colour)).size).toBe(scorerStyles.length);
});

function withoutPlace(id: string, { symbol }: HorizonAxis): string {
  return id.replace(new RegExp(`(@|, )${symbol} = \\d+$`), "");
}
