import { describe, expect, test } from "vitest";
import { chart } from "../../../src/report/chart.ts";
import { type PlaneOptions, planeChart, sharpnessChart } from "../../../src/report/charts.ts";
import type { VegaLiteSpec } from "../../../src/report/theme.ts";
import { arms, variant } from "../../../src/results/labels.ts";
import { isDot, isRing, type Layer, rowsOf, testFigure, valuesOf } from "./figure.ts";

const everyArm = Object.values(arms);

describe("arms in the plane of two measures", () => {
  const options: PlaneOptions = {
    title: "Win rate against distance",
    x: { title: "KL" },
    y: { title: "Win rate, %", percent: true },
  };
  const regularised = variant(arms.dpo, "KL 1");
  const sft = { arm: arms.sft, seed: 41, x: 0, y: 0.3 };
  const points = [
    sft,
    { arm: arms.dpo, seed: 41, x: 0.1, y: 0.4 },
    { arm: arms.dpo, seed: 42, x: 0.3, y: 0.5 },
    { arm: regularised, seed: 41, x: 0.05, y: 0.35 },
  ];
  const everyPoint = rowsOf(everyArm, (arm, seed, value) => ({ arm, seed, x: value ** 2, y: value }));

  testFigure("a plane", planeChart(everyPoint, { ...options, paths: [[arms.dpo, arms.dpo2x, arms.dpo5x]] }));

  test("are a ring per seed and a dot per mean, shares in percent", () => {
    const spec = planeChart(points, options);
    const places = (is: (layer: Layer) => boolean) => valuesOf(spec, is).map(({ x, y }) => [x, y]);
    expect(places(isRing)).toEqual([
      [0, 30],
      [0.1, 40],
      [0.3, 50],
      [0.05, 35],
    ]);
    expect(places(isDot)).toEqual([
      [0, 30],
      [0.2, 45],
      [0.05, 35],
    ]);
  });

  test("have short names beside their bases, and full names in the description", async () => {
    const spec = planeChart(points, options);
    const names = valuesOf(spec, ({ mark }) => mark.type === "text").map(({ name }) => name);
    expect(names).toEqual(["SFT", "DPO", "KL 1"]);
    expect(spec.description).toBe(
      "Win rate, % against KL, means over seeds: SFT (0.00, 30.00); DPO (0.20, 45.00); DPO, KL 1 (0.05, 35.00).",
    );
    expect(await chart(spec).svg()).not.toMatch(/NaN|undefined/);
  });

  test("are joined by a path in its own order", () => {
    const spec = planeChart(points, { ...options, paths: [[arms.sft, regularised, arms.dpo]] });
    expect(valuesOf(spec, ({ mark }) => mark.type === "line").map(({ x, order }) => [order, x])).toEqual([
      [0, 0],
      [1, 0.05],
      [2, 0.2],
    ]);
    expect(() => planeChart(points, { ...options, paths: [[arms.dpo5x]] })).toThrow(
      'a path leads through "DPO (5x)", which has no points',
    );
  });

  test("need finite numbers", () => {
    expect(() => planeChart([{ ...sft, x: Number.NaN }], options)).toThrow("`x`");
    expect(() => planeChart([], options)).toThrow("`points` is empty");
  });
});

describe("sharpness", () => {
  const rows = rowsOf(everyArm, (arm, seed, value) => ({
    arm,
    seed,
    greedyWinRate: value,
    sampledReward: 2 * value,
    entropy: 1.5 - value,
  }));

  testFigure("a sharpness chart", sharpnessChart(rows));

  test("has a column per measure, with arms in display order", () => {
    const reward = { arm: arms.dpo, seed: 41, greedyWinRate: 0.5, sampledReward: 1, entropy: 2 };
    const spec = sharpnessChart([reward, { ...reward, arm: arms.sft, entropy: 3 }]);
    const columns = spec.hconcat as VegaLiteSpec[];
    expect(columns.map((column) => valuesOf(column, isDot).map(({ name, x }) => [name, x]))).toEqual([
      [
        ["SFT", 50],
        ["DPO", 50],
      ],
      [
        ["SFT", 1],
        ["DPO", 1],
      ],
      [
        ["SFT", 3],
        ["DPO", 2],
      ],
    ]);
    expect(spec.description).toContain("SFT 50.0%, 1.00, 3.00; DPO 50.0%, 1.00, 2.00.");
  });

  test("needs finite numbers", () => {
    const broken = rows.map((row) => ({ ...row, entropy: Number.NaN }));
    expect(() => sharpnessChart(broken)).toThrow("`entropy`");
  });
});
