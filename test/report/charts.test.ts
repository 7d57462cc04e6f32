import * as vegaLite from "vega-lite";
import { describe, expect, test } from "vitest";
import { chart } from "../../src/report/chart.ts";
import {
  bestOfNChart,
  classSizeChart,
  complexityChart,
  coverageChart,
  dataChart,
  frontierChart,
  pairedDifferencesChart,
  planeChart,
  projectionsChart,
  sharpnessChart,
  trainingCurvesChart,
  trendChart,
  winRateChart,
} from "../../src/report/charts.ts";
import { CARD, type VegaLiteSpec } from "../../src/report/theme.ts";
import { errorsByData, gapsByClassSize } from "../../src/theory/class-size.ts";
import { complexityByHorizon, treeTolerance } from "../../src/theory/complexity.ts";
import { counterexampleRlhf } from "../../src/theory/counterexample.ts";
import { forwardProjection, reverseProjection, twoModes } from "../../src/theory/gaussians.ts";

const seeds = [21, 22, 23, 24, 25];
const arms = ["sft", "dpo", "dpo-2x", "dpo-5x", "dpo-10x", "dpo-best", "online-sft", "online-dpo"];
const value = (a: number, b: number) => 0.3 + 0.03 * a + 0.02 * ((a * 7 + b * 3) % 5);

const winRates = arms.flatMap((arm, a) => seeds.map((seed, s) => ({ arm, seed, value: value(a, s) })));
const intervals = arms.map((arm, a) => ({
  arm,
  mean: value(a, 2),
  low: value(a, 2) - 0.08,
  high: value(a, 2) + 0.09,
}));
const contrasts = ["online-sft-vs-dpo", "online-dpo-vs-dpo"];
const differences = contrasts.flatMap((contrast, c) =>
  seeds.map((seed, s) => ({ contrast, seed, value: 0.05 * c + 0.01 * s })),
);
const differenceIntervals = contrasts.map((id, c) => ({
  id,
  mean: 0.05 * c + 0.02,
  low: 0.05 * c - 0.01,
  high: 0.05 * c + 0.05,
}));
const metrics = ["rewards/margins", "logps/chosen", "logps/rejected"];
const curves = (steps: number, some = seeds) =>
  arms.slice(1).flatMap((arm, a) =>
    some.flatMap((seed) =>
      metrics.flatMap((metric, m) =>
        Array.from({ length: steps }, (_, step) => ({
          arm,
          seed,
          metric,
          step: step + 1,
          value: (m === 0 ? 1 : -4) * Math.log(2 + step) + 0.3 * Math.sin(step * 12.9898 + seed * 78.233 + a),
        })),
      ),
    ),
  );
const sharpness = winRates.map(({ arm, seed, value }) => ({
  arm,
  seed,
  greedyWinRate: value,
  sampledReward: 2 * value,
  entropy: 1.5 - value,
}));
const bestOf = ["gold", "global", "dpo"].flatMap((scorer, k) =>
  seeds.flatMap((seed, s) =>
    [1, 2, 5, 10, 25].map((n) => ({ scorer, seed, n, value: Math.log(1 + n) * (1 - 0.2 * k) + 0.02 * s })),
  ),
);

const classGaps = gapsByClassSize(1, 3);
const dataErrors = errorsByData(1, 3, [1, 16, Infinity]);
const coverage = [0.05, 0.5, 1, 20].map((beta) => ({ beta, probabilities: counterexampleRlhf(beta) }));
const target = twoModes({ tokens: 41, weight: 0.6, centres: [12, 30], width: 2 });
const trend = arms.flatMap((series, a) =>
  seeds.flatMap((seed, s) =>
    [1, 2, 3, 4, 6, 9].map((x) => ({ series, x, seed, value: value(a, s) - x / 20 })),
  ),
);
const walks = [complexityByHorizon("goal"), complexityByHorizon("slope")] as const;

const figures: [string, VegaLiteSpec][] = [
  ["winRateChart", winRateChart(winRates, intervals, { sftReference: true })],
  ["pairedDifferencesChart", pairedDifferencesChart(differences, differenceIntervals)],
  ["trainingCurvesChart", trainingCurvesChart(curves(200), metrics)],
  ["sharpnessChart", sharpnessChart(sharpness)],
  ["bestOfNChart", bestOfNChart(bestOf)],
  [
    "planeChart",
    planeChart(
      winRates.map(({ arm, seed, value }) => ({ arm, seed, x: value ** 2, y: value })),
      {
        title: "Win rate against distance",
        x: { title: "KL, nats" },
        y: { title: "Win rate, %", percent: true },
        paths: [["dpo", "dpo-2x", "dpo-5x"]],
      },
    ),
  ],
  [
    "frontierChart",
    frontierChart(
      sharpness.flatMap(({ arm, seed, sampledReward, entropy }) =>
        [0, 0.5, 1].map((temperature) => ({
          arm,
          seed,
          temperature,
          entropy: temperature * entropy,
          reward: sampledReward - temperature,
        })),
      ),
    ),
  ],
  ["classSizeChart", classSizeChart(classGaps)],
  ["dataChart", dataChart(dataErrors)],
  ["coverageChart", coverageChart(coverage)],
  ["projectionsChart", projectionsChart(target, forwardProjection(target), reverseProjection(target))],
  [
    "trendChart",
    trendChart(trend, {
      title: "Win rate by horizon",
      x: { title: "steps", scale: "log" },
      y: { title: "win rate", percent: true },
    }),
  ],
  ["complexityChart", complexityChart(...walks, treeTolerance)],
];

describe.each(figures)("%s", (_, spec) => {
  test("is plain JSON that Vega-Lite takes without a warning", () => {
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
    const warnings: string[] = [];
    const note = (...args: unknown[]) => {
      warnings.push(args.join(" "));
      return logger;
    };
    const logger = { level: () => logger, error: note, warn: note, info: () => logger, debug: () => logger };
    const compiled = vegaLite.compile(chart(spec).spec as never, { logger: logger as never });
    expect(warnings).toEqual([]);
    expect(compiled.spec.marks?.length).toBeGreaterThan(0);
  });

  test("fits the card and says in words what it shows", async () => {
    const svg = await chart(spec).svg();
    const [, width] = /viewBox="0 0 ([\d.]+)/.exec(svg)!;
    expect(Number(width)).toBeLessThanOrEqual(CARD + 4);
    expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
    expect(/<desc[^>]*>(.*?)<\/desc>/.exec(svg)![1]!.length).toBeGreaterThan(80);
    for (const [, size] of svg.matchAll(/font-size="([\d.]+)px"/g))
      expect(Number(size)).toBeGreaterThanOrEqual(13);
  });
});

type Layer = { data: { values: Record<string, unknown>[] }; mark: { type: string; filled?: boolean } };
const rings = (spec: VegaLiteSpec) =>
  (spec.layer as Layer[]).filter(({ mark }) => mark.type === "point" && mark.filled === false);

test("win rates show every seed, in percent and in the arms' order", () => {
  const spec = winRateChart([...winRates].reverse(), [...intervals].reverse());
  expect(
    rings(spec)[0]!
      .data.values.map(({ x }) => x)
      .sort(),
  ).toEqual(winRates.map((row) => 100 * row.value).sort());
  expect(spec.description).toMatch(/SFT 3\d\.\d \[.*; DPO .*; DPO \(2x\) .*; Online DPO \(DPO\)/);
});

test("win rates show the tie and, where asked, the SFT policy", async () => {
  const draw = (sftReference: boolean) => chart(winRateChart(winRates, intervals, { sftReference })).svg();
  expect(await draw(false)).toContain(">tie, 50<");
  expect((await draw(false)).match(/>SFT</g)).toHaveLength(1);
  expect((await draw(true)).match(/>SFT</g)).toHaveLength(2);
});

test("paired differences show every seed in points, and zero even where all lie beyond it", () => {
  const far = differences.map((row) => ({ ...row, value: row.value + 0.3 }));
  const farIntervals = differenceIntervals.map((row) => ({ ...row, mean: 0.3, low: 0.28, high: 0.35 }));
  const spec = pairedDifferencesChart(far, farIntervals);
  expect(rings(spec)[0]!.data.values).toHaveLength(10);
  const domain = JSON.stringify(spec).match(/"domain":\[(-?[\d.]+),(-?[\d.]+)\]/)!;
  expect(Number(domain[1])).toBeLessThanOrEqual(0);
  expect(spec.description).toContain("Online DPO (SFT) − DPO +30.0 [+28.0, +35.0]");
});

test("paired differences can be rewards", () => {
  const spec = pairedDifferencesChart(differences, differenceIntervals, { unit: "reward" });
  expect(spec.description).toContain("+0.02 [−0.01, +0.05]");
});

test("an interval must be there for every arm and contrast drawn", () => {
  expect(() => winRateChart(winRates, intervals.slice(1))).toThrow(
    'arm "sft" has seeds in `rows` but no entry',
  );
  expect(() => pairedDifferencesChart(differences, differenceIntervals.slice(1))).toThrow(
    'contrast "online-sft-vs-dpo" has seeds in `rows` but no entry',
  );
  expect(() => winRateChart([], [])).toThrow("`intervals` is empty");
});

test("a number that is missing is named", () => {
  expect(() => winRateChart([{ arm: "sft", seed: 21, value: Number.NaN }], intervals)).toThrow("row 0");
  expect(() => sharpnessChart([{ ...sharpness[0]!, entropy: undefined as never }])).toThrow("`entropy`");
});

test("training curves stay small for twenty seeds and long runs", async () => {
  const many = Array.from({ length: 20 }, (_, at) => 21 + at);
  const svg = await chart(trainingCurvesChart(curves(625, many), metrics)).svg();
  expect(svg.length).toBeLessThan(200_000);
});

test("training curves are means over the seeds, at bins' mean steps", () => {
  const rows = [1, 2].flatMap((seed) =>
    [1, 2, 3, 4].map((step) => ({ arm: "dpo", seed, step, metric: "loss", value: step * seed })),
  );
  const spec = trainingCurvesChart(rows, ["loss"]) as unknown as { vconcat: { layer: Layer[] }[] };
  const heavy = spec.vconcat[0]!.layer[1]!.data.values;
  expect(heavy.at(0)).toMatchObject({ x: 1, y: 1.5 });
  expect(heavy.at(-1)).toMatchObject({ x: 4, y: 6 });
  expect(new Set(spec.vconcat[0]!.layer[0]!.data.values.map(({ key }) => key)).size).toBe(2);
});

test("a mean is drawn only where every seed has a value", () => {
  const rows = [
    ...[10, 20, 30, 40].map((step) => ({ arm: "dpo", seed: 1, step, metric: "loss", value: 1 })),
    ...[10, 20].map((step) => ({ arm: "dpo", seed: 2, step, metric: "loss", value: 3 })),
  ];
  const spec = trainingCurvesChart(rows, ["loss"]) as unknown as { vconcat: { layer: Layer[] }[] };
  const heavy = spec.vconcat[0]!.layer[1]!.data.values;
  expect(heavy.every(({ y }) => y === 2)).toBe(true);
  expect(Math.max(...heavy.map(({ x }) => x as number))).toBeLessThanOrEqual(30);
});

test("a metric without rows is named", () => {
  expect(() => trainingCurvesChart(curves(3), ["rewards/chosen"])).toThrow(
    'metric "rewards/chosen" has no rows; there are "rewards/margins"',
  );
});

test("best of N needs the same N for every seed", () => {
  expect(() => bestOfNChart(bestOf.slice(0, -1))).toThrow('scorer "dpo" has N = 1, 2, 5, 10, 25 for seed 21');
  expect(() => bestOfNChart([{ scorer: "gold", seed: 1, n: 0, value: 1 }])).toThrow("N must be at least 1");
});
