import * as vega from "vega";
import * as vegaLite from "vega-lite";
import { describe, expect, test } from "vitest";
import { chart } from "../../../src/report/chart.ts";
import { pairSliderChart, type TrendPoint, trendSliderChart } from "../../../src/report/charts.ts";
import type { VegaLiteSpec } from "../../../src/report/theme.ts";
import { arms, scorers } from "../../../src/results/labels.ts";
import { testFigure } from "./figure.ts";

const epochs = [1, 2, 5];
const offline = [0.4, 0.5, 0.6];
const online = [0.5, 0.7, 0.6];
const points: TrendPoint[] = [11, 12, 13].flatMap((seed) =>
  epochs.flatMap((x, at) => [
    { series: arms.dpo, x, seed, value: offline[at]! + seed / 100 },
    { series: arms.onlineSft, x, seed, value: online[at]! + seed / 100 + (seed - 12) / 50 },
  ]),
);
const options = {
  title: "The gap",
  x: { title: "Epochs", scale: "log" },
  y: { title: "Win rate", percent: true },
} as const;
const pair = { treatment: arms.onlineSft, control: arms.dpo };
const gap = pairSliderChart(points, {
  ...options,
  pair,
  sliders: { treatment: { label: "Online epochs" }, control: { label: "Offline epochs", start: 2 } },
});

/** A view of a chart without a browser. */
async function viewOf(spec: VegaLiteSpec): Promise<vega.View> {
  const compiled = vegaLite.compile(structuredClone(chart(spec).spec) as unknown as vegaLite.TopLevelSpec);
  return new vega.View(vega.parse(compiled.spec), { renderer: "none" }).runAsync();
}
/** The texts of a chart with these signals. */
async function textsWith(view: vega.View, signals: Record<string, number>): Promise<string[]> {
  for (const [name, value] of Object.entries(signals)) view.signal(name, value);
  await view.runAsync();
  return [...(await view.toSVG()).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) => text);
}

testFigure("a chart with two sliders", gap);

describe("two sliders", () => {
  test("choose what is compared, with the paired difference and its t interval", async () => {
    const view = await viewOf(gap);
    expect(await textsWith(view, {})).toEqual(
      expect.arrayContaining([
        "Online DPO (SFT) at 1 − DPO at 2",
        "62.0 − 62.0",
        // The differences are −2, 0 and 2 points; Student's t has the 97.5 % quantile 4.3027 with two degrees of freedom.
        "0.0 [−5.0, +5.0]",
      ]),
    );
    expect(await textsWith(view, { treatment: 2, control: 5 })).toEqual(
      expect.arrayContaining(["Online DPO (SFT) at 2 − DPO at 5", "+10.0 [+5.0, +15.0]"]),
    );
  });

  test("between two places stand for the nearer one", async () => {
    const view = await viewOf(gap);
    expect(await textsWith(view, { treatment: 3, control: 4 })).toContain("Online DPO (SFT) at 2 − DPO at 5");
  });

  test("have labels, and reach every place by steps", () => {
    expect(gap.params).toMatchObject([
      {
        name: "treatment",
        value: 1,
        bind: { input: "range", name: "Online epochs ", min: 1, max: 5, step: 1 },
      },
      { name: "treatmentPlace", expr: "treatment < 1.5 ? 1 : treatment < 3.5 ? 2 : 5" },
      { name: "control", value: 2, bind: { name: "Offline epochs " } },
      {},
    ]);
  });

  test("need a place to start at and seeds in common", () => {
    const sliders = { treatment: { label: "Online" }, control: { label: "Offline", start: 3 } };
    expect(() => pairSliderChart(points, { ...options, pair, sliders })).toThrow(
      'The slider "Offline" starts at 3, which is none of its places 1, 2, 5.',
    );
    const apart = points.map((point) =>
      point.series === arms.dpo ? { ...point, seed: point.seed + 10 } : point,
    );
    expect(() =>
      pairSliderChart(apart, {
        ...options,
        pair,
        sliders: { treatment: { label: "Online" }, control: { label: "Offline" } },
      }),
    ).toThrow("`differences on the same seeds` is empty");
  });
});

describe("one slider", () => {
  const rows = [scorers.global, scorers.dpo].flatMap((series, at) =>
    [1, 2, 3].flatMap((seed) => [0.1, 0.25, 1].map((x) => ({ series, x, seed, value: x - at + seed / 10 }))),
  );
  const moved = trendSliderChart(rows, {
    title: "By fraction",
    x: { title: "Fraction", scale: "linear" },
    y: { title: "Reward" },
    slider: { label: "Fraction of the posts" },
    pairs: [{ treatment: scorers.global, control: scorers.dpo }],
  });
  testFigure("a chart with one slider", moved);

  test("chooses the place of every curve, at first the last", async () => {
    const view = await viewOf(moved);
    expect(await textsWith(view, {})).toContain("Global RM at 1 − DPO RM at 1");
    expect(await textsWith(view, { place: 0.25 })).toContain(
      "1.00 − 0.25".replace("1.00", "0.45").replace("0.25", "−0.55"),
    );
    expect(moved.params).toMatchObject([{ bind: { min: 0.1, max: 1, step: 0.15 } }, {}]);
  });
});
