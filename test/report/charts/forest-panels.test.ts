import { expect, test } from "vitest";
import { forestPanels } from "../../../src/report/charts.ts";
import { testFigure } from "./figure.ts";

const row = (name: string, unit: string, mean: number) => ({
  name,
  unit,
  mean,
  low: mean - 1,
  high: mean + 1,
  colour: "#707070",
  digits: 1,
});
const spec = forestPanels([row("main", "points", 8), row("H5", "reward", 0.2), row("H1", "points", -2)], {
  title: "Every hypothesis",
});

testFigure("a forest of panels", spec);

test("rows of one unit share a panel and its axis", () => {
  const panels = spec.vconcat as {
    height: number;
    layer: { encoding: { x: { axis?: { title: string } } } }[];
  }[];
  expect(panels.map(({ layer }) => layer[1]?.encoding.x.axis?.title)).toEqual(["points", "reward"]);
  expect(panels[0]!.height).toBe(2 * panels[1]!.height);
  expect(spec.description).toContain("H1 −2.0 [−3.0, −1.0] points");
});

test("needs rows with finite numbers", () => {
  expect(() => forestPanels([], { title: "" })).toThrow("forestPanels: `rows` is empty");
  expect(() => forestPanels([row("main", "points", Number.NaN)], { title: "" })).toThrow(
    "finite number as `mean`",
  );
});
