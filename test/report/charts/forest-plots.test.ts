import { describe, expect, test } from "vitest";
import { chart } from "../../../src/report/chart.ts";
import { estimatesChart, winRateChart } from "../../../src/report/charts.ts";
import type { VegaLiteSpec } from "../../../src/report/theme.ts";
import { arms, scorers, variant } from "../../../src/results/labels.ts";
import type { Estimate, Estimated } from "../../../src/verdicts/estimates.ts";
import { isRing, type Layer, rowsOf, testFigure, valueAt, valuesOf } from "./figure.ts";

const everyArm = Object.values(arms);
const winRates = rowsOf(everyArm, (arm, seed, value) => ({ arm, seed, value }));
const intervals = everyArm.map((arm, a) => ({
  arm,
  mean: valueAt(a, 2),
  low: valueAt(a, 2) - 0.08,
  high: valueAt(a, 2) + 0.09,
}));

describe("win rates", () => {
  testFigure("a win-rate chart", winRateChart(winRates, intervals, { sftReference: true }));

  test("show every seed, in percent, with arms in display order", () => {
    const spec = winRateChart([...winRates].reverse(), [...intervals].reverse());
    const drawn = valuesOf(spec, isRing).map(({ x }) => x);
    expect(drawn.sort()).toEqual(winRates.map(({ value }) => 100 * value).sort());
    expect(spec.description).toMatch(/SFT 3\d\.\d \[.*; DPO .*; DPO \(2x\) .*; Online DPO \(DPO\)/);
  });

  test("show the tie and, on request, the SFT policy", async () => {
    const draw = (sftReference: boolean) => chart(winRateChart(winRates, intervals, { sftReference })).svg();
    expect(await draw(false)).toContain(">tie, 50<");
    expect((await draw(false)).match(/>SFT</g)).toHaveLength(1);
    expect((await draw(true)).match(/>SFT</g)).toHaveLength(2);
  });

  test("need an interval for every arm and finite numbers", () => {
    expect(() => winRateChart(winRates, intervals.slice(1))).toThrow(
      'arm "SFT" has seeds in `rows` but no entry',
    );
    expect(() => winRateChart([], [])).toThrow("`intervals` is empty");
    expect(() => winRateChart([{ arm: arms.sft, seed: 21, value: Number.NaN }], intervals)).toThrow(
      'row 0 ({"arm":"SFT","seed":21,"value":null})',
    );
  });
});

const measured = (estimate: Estimate, shift = 0): Estimated => ({
  estimate,
  mean: 0.05 + shift,
  low: -0.01 + shift,
  high: 0.1 + shift,
  values: [
    { seed: 41, value: 0.02 + shift },
    { seed: 42, value: 0.08 + shift },
  ],
});
const metric = "greedy-win-rate";
const difference = { metric, treatment: arms.onlineDpo, control: arms.dpo2x };
const wide = { treatment: variant(arms.onlineDpo, "wide pairs"), control: variant(arms.dpo2x, "wide pairs") };
const isText = ({ mark }: Layer) => mark.type === "text" && "align" in mark && mark.align === "left";
const linesOf = (spec: VegaLiteSpec) => valuesOf(spec, isText).map(({ line }) => line);

describe("estimates", () => {
  testFigure("a chart of estimates", estimatesChart([measured(difference)]));

  test("are named by what is subtracted from what", () => {
    expect(linesOf(estimatesChart([measured(difference)]))).toEqual([
      "Online DPO (DPO)",
      "− DPO (2x)",
      "+5.0 [−1.0, +10.0]",
    ]);
  });

  test("are named shortly if two differences are between the same variants", () => {
    const gap = (less: typeof wide, base: typeof difference = difference) =>
      linesOf(estimatesChart([measured({ ...base, less })])).join(" ");
    expect(gap(wide)).toContain("− the same, wide pairs");
    expect(gap({ ...wide, control: arms.dpo2x })).toContain("− (Online DPO (DPO), wide pairs − DPO (2x))");
    const short = {
      metric,
      treatment: variant(arms.onlineDpo, "H = 3"),
      control: variant(arms.dpo2x, "H = 3"),
    };
    const wider = {
      treatment: variant(short.treatment, "wide pairs"),
      control: variant(short.control, "wide pairs"),
    };
    expect(gap(wider, short)).toContain("− the same, wide pairs");
    expect(gap(wide, short)).toContain("− (Online DPO");
  });

  test("show every seed, and zero even if all are beyond it", () => {
    const spec = estimatesChart([measured(difference, 0.3)]);
    expect(valuesOf(spec, isRing)).toHaveLength(2);
    const [, least] = /"domain":\[(-?[\d.]+),/.exec(JSON.stringify(spec)) ?? [];
    expect(Number(least)).toBeLessThanOrEqual(0);
    expect(spec.description).toContain("Online DPO (DPO) − DPO (2x) +35.0 [+29.0, +40.0]");
  });

  test("have a margin on both sides of zero, in points for shares", async () => {
    const svg = await chart(estimatesChart([measured(difference)], { margin: 0.03 })).svg();
    expect(svg).toContain("margin −3.0");
    expect(svg).toContain("margin +3.0");
  });

  test("of rewards are in their own unit, and units are not mixed", () => {
    const reward = measured({ metric: "best-of-25", treatment: scorers.global, control: scorers.dpo });
    expect(linesOf(estimatesChart([reward]))).toContain("+0.05 [−0.01, +0.10]");
    expect(() => estimatesChart([measured(difference), reward])).toThrow(
      "estimatesChart: win rate, greedy decoding and best of 25 have different units; draw them in two charts.",
    );
    expect(() => estimatesChart([])).toThrow("estimatesChart: `estimates` is empty");
  });
});
