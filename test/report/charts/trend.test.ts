import { expect, test } from "vitest";
import { chart } from "../../../src/report/chart.ts";
import { type TrendOptions, trendChart } from "../../../src/report/charts.ts";
import type { VegaLiteSpec } from "../../../src/report/theme.ts";

const options: TrendOptions = {
  title: "Accuracy by horizon",
  x: { title: "steps", scale: "log" },
  y: { title: "accuracy", percent: true },
};
const point = (series: string, x: number, seed: number, value: number) => ({ series, x, seed, value });
const points = [
  point("online-dpo", 9, 41, 0.8),
  point("dpo", 9, 41, 0.6),
  point("dpo", 9, 42, 0.7),
  point("dpo", 1, 41, 0.9),
  point("dpo", 1, 42, 0.8),
  point("online-dpo", 1, 41, 0.85),
];

type Layer = { data?: { values: Record<string, unknown>[] }; mark: { type: string }; encoding: object };
const layers = (spec: VegaLiteSpec) => spec.layer as Layer[];
const values = (spec: VegaLiteSpec, type: string) =>
  layers(spec).find(({ mark }) => mark.type === type)!.data!.values;
const ticks = (spec: VegaLiteSpec) => JSON.stringify(spec).match(/"axis":\{"values":(\[[^\]]*\])/)![1];

test("a line goes through the means in the order of the places, and every seed is a dot", () => {
  const spec = trendChart(points, options);
  const line = values(spec, "line").map(({ x, y, key }) => [key, x, y]);
  expect(line).toEqual([
    ["0", 1, 85],
    ["0", 9, 65],
    ["1", 1, 85],
    ["1", 9, 80],
  ]);
  expect(values(spec, "point").map(({ x, y }) => [x, y])).toEqual([
    [9, 60],
    [1, 90],
    [9, 70],
    [1, 80],
    [9, 80],
    [1, 85],
  ]);
});

test("the description holds the means by the names of the arms", () => {
  expect(trendChart(points, options).description).toBe(
    "accuracy, % by steps, means over seeds: DPO 85.0 at 1, 65.0 at 9; Online DPO (DPO) 85.0 at 1, 80.0 at 9.",
  );
  expect(trendChart(points, { ...options, description: "As told." }).description).toBe("As told.");
});

test("other styles name the series", () => {
  const styles = [{ id: "dpo", name: "DPO RM", colour: "#3a9bdc", ink: "#1a78b5" }];
  expect(trendChart(points, { ...options, styles }).description).toContain("DPO RM 85.0 at 1");
});

test("values that are no shares stay as they are, and zero is drawn between signs only", async () => {
  const y = { title: "reward" };
  const positive = trendChart(points, { ...options, y });
  expect(values(positive, "line")[0]!.y).toBe(0.85);
  const mixed = trendChart([...points, point("dpo", 9, 43, -0.1)], { ...options, y });
  const lines = async (spec: VegaLiteSpec, role: string) => {
    const [, group = ""] = new RegExp(`mark-rule ${role}[^>]*>(.*?)</g>`).exec(await chart(spec).svg()) ?? [];
    return group.match(/<line/g)?.length ?? 0;
  };
  expect(await lines(positive, "role-mark layer_0")).toBe(0);
  expect(await lines(mixed, "role-mark layer_0")).toBe(1);
  for (const spec of [positive, mixed]) expect(await lines(spec, "role-axis-grid")).toBeGreaterThan(2);
});

test("labels on the horizontal axis do not touch", () => {
  const dense = Array.from({ length: 60 }, (_, at) => point("dpo", 1000 + at, 41, at));
  const spec = trendChart(dense, { ...options, x: { title: "pairs", scale: "linear" } });
  const shown = JSON.parse(ticks(spec)!) as number[];
  expect(shown[0]).toBe(1000);
  expect(shown.length).toBeGreaterThan(3);
  expect(shown.length).toBeLessThan(12);
  expect(ticks(trendChart(points, options))).toBe("[1,9]");
});

test("one place is enough", async () => {
  for (const scale of ["linear", "log"] as const) {
    const spec = trendChart([point("dpo", 4, 41, 0.5)], { ...options, x: { title: "steps", scale } });
    expect(await chart(spec).svg()).not.toMatch(/NaN|Infinity/);
  }
});

test("what cannot be drawn is named", () => {
  expect(() => trendChart([], options)).toThrow("`points` is empty");
  expect(() => trendChart([point("dpo", 1, 41, Number.NaN)], options)).toThrow("`value`");
  expect(() => trendChart([point("dpo", 0, 41, 1)], options)).toThrow('"dpo" has x = 0');
});
