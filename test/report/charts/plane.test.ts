import { expect, test } from "vitest";
import { chart } from "../../../src/report/chart.ts";
import { type PlaneOptions, planeChart } from "../../../src/report/charts.ts";
import type { VegaLiteSpec } from "../../../src/report/theme.ts";

const options: PlaneOptions = {
  title: "Win rate against distance",
  x: { title: "KL" },
  y: { title: "Win rate, %", percent: true },
};
const points = [
  { arm: "sft", seed: 41, x: 0, y: 0.3 },
  { arm: "dpo", seed: 41, x: 0.1, y: 0.4 },
  { arm: "dpo", seed: 42, x: 0.3, y: 0.5 },
  { arm: "dpo@KL 1", seed: 41, x: 0.05, y: 0.35 },
];

type Layer = { data: { values: Record<string, unknown>[] }; mark: { type: string; filled?: boolean } };
const values = (spec: VegaLiteSpec, test: (mark: Layer["mark"]) => boolean) =>
  (spec.layer as Layer[]).filter(({ mark }) => test(mark)).map(({ data }) => data.values);

test("every seed is a ring and every mean a dot, shares in percent", () => {
  const spec = planeChart(points, options);
  const [rings] = values(spec, ({ type, filled }) => type === "point" && filled === false);
  const [dots] = values(spec, ({ type, filled }) => type === "point" && filled === true);
  expect(rings!.map(({ x, y }) => [x, y])).toEqual([
    [0, 30],
    [0.1, 40],
    [0.3, 50],
    [0.05, 35],
  ]);
  expect(dots!.map(({ x, y }) => [x, y])).toEqual([
    [0, 30],
    [0.2, 45],
    [0.05, 35],
  ]);
});

test("a variant beside its base is called by what is special; the description tells all", async () => {
  const spec = planeChart(points, options);
  const [labels] = values(spec, ({ type }) => type === "text");
  expect(labels!.map(({ name }) => name)).toEqual(["SFT", "DPO", "KL 1"]);
  expect(spec.description).toBe(
    "Win rate, % against KL, means over seeds: SFT (0.00, 30.00); DPO (0.20, 45.00); DPO, KL 1 (0.05, 35.00).",
  );
  expect(await chart(spec).svg()).not.toMatch(/NaN|undefined/);
});

test("a path joins means in its own order", () => {
  const spec = planeChart(points, { ...options, paths: [["sft", "dpo@KL 1", "dpo"]] });
  const [path] = values(spec, ({ type }) => type === "line");
  expect(path!.map(({ x, order }) => [order, x])).toEqual([
    [0, 0],
    [1, 0.05],
    [2, 0.2],
  ]);
  expect(() => planeChart(points, { ...options, paths: [["dpo-5x"]] })).toThrow('the path through "dpo-5x"');
});

test("a missing number is named", () => {
  expect(() => planeChart([{ ...points[0]!, x: Number.NaN }], options)).toThrow("`x`");
  expect(() => planeChart([], options)).toThrow("`points` is empty");
});
