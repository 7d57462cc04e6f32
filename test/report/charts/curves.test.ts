import { expect, test } from "vitest";
import { curvesChart, meanOf } from "../../../src/report/charts/curves.ts";

const options = { title: "t", subtitle: "s", description: "d", xTitle: "x", ticks: [1] };
const curve = (points: { x: number; y: number }[]) => [
  { curves: [{ name: "a", colour: "#000000", points }] },
];

test("curves need points, and finite ones", () => {
  expect(() => curvesChart([], options)).toThrow("`panels` is empty");
  expect(() => curvesChart(curve([]), options)).toThrow("`a.points` is empty");
  expect(() => curvesChart(curve([{ x: 1, y: Number.NaN }]), options)).toThrow("finite number as `y`");
});

test("the mean of curves is taken point by point", () => {
  expect(meanOf([[{ x: 1, y: 2 }], [{ x: 1, y: 4 }]])).toEqual([{ x: 1, y: 3 }]);
});
