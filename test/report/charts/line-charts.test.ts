import { describe, expect, test } from "vitest";
import { chart } from "../../../src/report/chart.ts";
import {
  bestOfNChart,
  frontierChart,
  type TrendOptions,
  trainingCurvesChart,
  trendChart,
} from "../../../src/report/charts.ts";
import type { VegaLiteSpec } from "../../../src/report/theme.ts";
import { arms, type Label, scorers, variant } from "../../../src/results/labels.ts";
import { type Layer, rowsOf, seeds, testFigure, valuesOf } from "./figure.ts";

const everyArm = Object.values(arms);
const isLine = ({ mark }: Layer) => mark.type === "line";
const isThin = ({ mark }: Layer) => isLine({ mark } as Layer) && "opacity" in mark;
const isHeavy = (layer: Layer) => isLine(layer) && !isThin(layer);
const distinct = (values: readonly unknown[]) => new Set(values).size;

describe("trends", () => {
  const options: TrendOptions = {
    title: "Accuracy by horizon",
    x: { title: "steps", scale: "log" },
    y: { title: "accuracy", percent: true },
  };
  const point = (series: Label, x: number, seed: number, value: number) => ({ series, x, seed, value });
  const points = [
    point(arms.onlineDpo, 9, 41, 0.8),
    point(arms.dpo, 9, 41, 0.6),
    point(arms.dpo, 9, 42, 0.7),
    point(arms.dpo, 1, 41, 0.9),
    point(arms.dpo, 1, 42, 0.8),
    point(arms.onlineDpo, 1, 41, 0.85),
  ];
  const ticksOf = (spec: VegaLiteSpec) => {
    const [, ticks = ""] =
      /"x":\{[^{]*"scale":\{[^}]*\},"axis":\{"values":(\[[^\]]*\])/.exec(JSON.stringify(spec)) ?? [];
    return JSON.parse(ticks) as number[];
  };

  testFigure(
    "a trend chart",
    trendChart(
      rowsOf(everyArm, (series, seed, value) =>
        [1, 2, 3, 4, 6, 9].map((x) => ({ series, x, seed, value: value - x / 20 })),
      ).flat(),
      options,
    ),
  );

  const heavyLines = (spec: VegaLiteSpec) =>
    (spec.layer as Layer[]).filter(isHeavy).map(({ data }) => data.values);

  test("are a line through the means by x, with a thin line per seed if there are only two", () => {
    const spec = trendChart(points, options);
    expect(heavyLines(spec).map((line) => line.map(({ x, y }) => [x, y]))).toEqual([
      [
        [1, 85],
        [9, 65],
      ],
      [
        [1, 85],
        [9, 80],
      ],
    ]);
    expect(distinct(valuesOf(spec, isThin).map(({ key }) => key))).toBe(3);
    expect(JSON.stringify(spec.title)).toContain("too few for intervals");
  });

  test("have bands of Student's t intervals over three seeds and more", () => {
    const values = [0.5, 0.6, 0.7];
    const spec = trendChart(
      values.flatMap((value, seed) => [1, 9].map((x) => point(arms.dpo, x, seed, value))),
      options,
    );
    const [band] = valuesOf(spec, ({ mark }) => mark.type === "area");
    // 4.3027 is the 97.5 % quantile of Student's t with two degrees of freedom.
    expect(band?.y).toBeCloseTo(60 - (4.3027 * 10) / Math.sqrt(3), 1);
    expect(band?.high).toBeCloseTo(60 + (4.3027 * 10) / Math.sqrt(3), 1);
    expect((spec.layer as Layer[]).some(isThin)).toBe(false);
    expect(JSON.stringify(spec.title)).toContain("Means over 3 seeds; bands are 95% t intervals.");
  });

  test("have the means in their description unless it is given", () => {
    expect(trendChart(points, options).description).toBe(
      "accuracy, % by steps, means over seeds: DPO 85.0 at 1, 65.0 at 9; Online DPO (DPO) 85.0 at 1, 80.0 at 9.",
    );
    expect(trendChart(points, { ...options, description: "Given." }).description).toBe("Given.");
  });

  test("may be of scorers", () => {
    const spec = trendChart([point(scorers.dpo, 1, 41, 0.9)], options);
    expect(spec.description).toContain("DPO RM 90.0 at 1");
  });

  test("other than shares are not scaled, and zero is drawn between signs only", async () => {
    const y = { title: "reward" };
    const positive = trendChart(points, { ...options, y });
    expect(valuesOf(positive, isHeavy).map((row) => row.y)).toContain(0.85);
    const mixed = trendChart([...points, point(arms.dpo, 9, 43, -0.1)], { ...options, y });
    const lines = async (spec: VegaLiteSpec, role: string) => {
      const [, group = ""] =
        new RegExp(`mark-rule ${role}[^>]*>(.*?)</g>`).exec(await chart(spec).svg()) ?? [];
      return group.match(/<line/g)?.length ?? 0;
    };
    expect(await lines(positive, "role-mark layer_0")).toBe(0);
    expect(await lines(mixed, "role-mark layer_0")).toBe(1);
    for (const spec of [positive, mixed]) expect(await lines(spec, "role-axis-grid")).toBeGreaterThan(2);
  });

  test("have labels on the horizontal axis that do not overlap", () => {
    const dense = Array.from({ length: 60 }, (_, at) => point(arms.dpo, 1000 + at, 41, at));
    const shown = ticksOf(trendChart(dense, { ...options, x: { title: "pairs", scale: "linear" } }));
    expect(shown.at(0)).toBe(1000);
    expect(shown.length).toBeGreaterThan(3);
    expect(shown.length).toBeLessThan(20);
    expect(ticksOf(trendChart(points, options))).toEqual([1, 9]);
  });

  test("may have one point only", async () => {
    for (const scale of ["linear", "log"] as const) {
      const spec = trendChart([point(arms.dpo, 4, 41, 0.5)], { ...options, x: { title: "steps", scale } });
      expect(await chart(spec).svg()).not.toMatch(/NaN|Infinity/);
    }
  });

  test("need finite numbers, and positive ones on a logarithmic axis", () => {
    expect(() => trendChart([], options)).toThrow("`points` is empty");
    expect(() => trendChart([point(arms.dpo, 1, 41, Number.NaN)], options)).toThrow("`value`");
    expect(() => trendChart([point(arms.dpo, 0, 41, 1)], options)).toThrow('"DPO" has x = 0');
  });
});

describe("best of N", () => {
  const rows = [scorers.gold, scorers.global, scorers.dpo].flatMap((scorer, k) =>
    seeds.flatMap((seed, s) =>
      [1, 2, 5, 10, 25].map((n) => ({
        scorer,
        seed,
        n,
        value: Math.log(1 + n) * (1 - 0.2 * k) + 0.02 * s,
      })),
    ),
  );

  testFigure("a best-of-N chart", bestOfNChart(rows));

  test("is averaged over seeds", () => {
    const spec = bestOfNChart(
      [1, 2].flatMap((seed) => [5, 1].map((n) => ({ scorer: scorers.gold, seed, n, value: seed * n }))),
    );
    expect(valuesOf(spec, isHeavy).map(({ x, y }) => [x, y])).toEqual([
      [1, 1.5],
      [5, 7.5],
    ]);
    expect(distinct(valuesOf(spec, isThin).map(({ key }) => key))).toBe(2);
    expect(spec.description).toContain("ranked first among 5: Gold reward 7.50.");
  });

  test("needs the same N for every seed", () => {
    expect(() => bestOfNChart(rows.slice(0, -1))).toThrow(
      'scorer "DPO RM" has N = 1, 2, 5, 10, 25 for seed 21 but N = 1, 2, 5, 10 for seed 25',
    );
    expect(() => bestOfNChart([{ scorer: scorers.gold, seed: 1, n: 0, value: 1 }])).toThrow(
      'N must be at least 1, and a row of scorer "Gold reward" has 0.',
    );
  });
});

describe("reward against entropy", () => {
  const value = (arm: Label, seed: number, temperature: number, entropy: number, reward: number) => ({
    arm,
    seed,
    temperature,
    entropy,
    reward,
  });
  const likelihood = variant(arms.sft, "own likelihood");
  const rows = [
    value(arms.sft, 41, 1, 1.2, 0.4),
    value(arms.sft, 41, 0, 0, 1.6),
    value(arms.sft, 42, 0, 0, 1.4),
    value(arms.sft, 42, 1, 1, 0.6),
    value(likelihood, 41, 0, 0, 1),
    value(likelihood, 41, 1, 0.5, 0.9),
  ];

  testFigure(
    "a frontier",
    frontierChart(
      rowsOf(everyArm, (arm, seed, v) =>
        [0, 0.5, 1].map((temperature) =>
          value(arm, seed, temperature, temperature * (1.5 - v), 2 * v - temperature),
        ),
      ).flat(),
    ),
  );

  test("is a curve through the means of each temperature, from greedy decoding on", () => {
    expect(frontierChart(rows).description).toBe(
      "Gold reward, greedy and at T = 1 with its entropy: SFT 1.50, 0.50 at 1.10 nats; own likelihood 1.00, 0.90 at 0.50 nats.",
    );
  });

  test("has a bar for each interval and direction", () => {
    const three = [1, 2, 3].map((seed) => value(arms.sft, seed, 1, 1 + seed / 10, seed / 10));
    const bars = (frontierChart(three).layer as Layer[]).filter(
      ({ mark, data }) => mark.type === "rule" && "low" in (data.values[0] ?? {}),
    );
    expect(bars).toHaveLength(2);
    expect(bars[0]?.data.values[0]).toMatchObject({
      low: expect.closeTo(-0.048, 2),
      xHigh: expect.closeTo(1.448, 2),
    });
  });

  test("needs finite numbers", () => {
    expect(() => frontierChart([value(arms.sft, 41, 1, Number.NaN, 0)])).toThrow("`entropy`");
  });
});

describe("training curves", () => {
  const metrics = ["rewards/margins", "logps/chosen", "logps/rejected"];
  const curves = (steps: number, some: readonly number[] = seeds) =>
    everyArm.slice(1).flatMap((arm, a) =>
      some.flatMap((seed) =>
        metrics.flatMap((metric, m) =>
          Array.from({ length: steps }, (_, step) => ({
            arm,
            seed,
            metric,
            step: step + 1,
            value:
              (m === 0 ? 1 : -4) * Math.log(2 + step) + 0.3 * Math.sin(step * 12.9898 + seed * 78.233 + a),
          })),
        ),
      ),
    );
  const loss = (seed: number, step: number, value: number) => ({
    arm: arms.dpo,
    seed,
    step,
    metric: "loss",
    value,
  });

  testFigure("a chart of training curves", trainingCurvesChart(curves(200), metrics));

  test("stay small for twenty seeds and long runs", async () => {
    const many = Array.from({ length: 20 }, (_, at) => 21 + at);
    const svg = await chart(trainingCurvesChart(curves(625, many), metrics)).svg();
    expect(svg.length).toBeLessThan(200_000);
  });

  test("are means over seeds, at the mean step of each bin", () => {
    const rows = [1, 2].flatMap((seed) => [1, 2, 3, 4].map((step) => loss(seed, step, step * seed)));
    const heavy = valuesOf(trainingCurvesChart(rows, ["loss"]), isHeavy);
    expect(heavy.at(0)).toMatchObject({ x: 1, y: 1.5 });
    expect(heavy.at(-1)).toMatchObject({ x: 4, y: 6 });
  });

  test("have a band over the bins in which every seed has a value", () => {
    const rows = [1, 2, 3].flatMap((seed) => [1, 2].map((step) => loss(seed, step, step * seed)));
    const band = valuesOf(trainingCurvesChart(rows, ["loss"]), ({ mark }) => mark.type === "area");
    expect(band.map(({ x, y, high }) => [x, Number(y) + Number(high)])).toEqual([
      [1, expect.closeTo(4, 2)],
      [2, expect.closeTo(8, 2)],
    ]);
  });

  test("have a mean only where every seed has a value", () => {
    const rows = [
      ...[10, 20, 30, 40].map((step) => loss(1, step, 1)),
      ...[10, 20].map((step) => loss(2, step, 3)),
    ];
    const heavy = valuesOf(trainingCurvesChart(rows, ["loss"]), isHeavy);
    expect(heavy.every(({ y }) => y === 2)).toBe(true);
    expect(Math.max(...heavy.map(({ x }) => Number(x)))).toBeLessThanOrEqual(30);
  });

  test("name a metric without rows", () => {
    expect(() => trainingCurvesChart(curves(3), ["rewards/chosen"])).toThrow(
      'metric "rewards/chosen" has no rows; there are "rewards/margins"',
    );
  });
});
