import { sideBySide, styleOf } from "../../results/labels.ts";
import { CONTENT, SMALL, type VegaLiteSpec } from "../theme.ts";
import { labelWidth, Y_AXIS } from "./lines.ts";
import { heading, type Titles } from "./titles.ts";
import { decimals, groupBy, mean, niceScale, requireNumbers, requireRows, spread } from "./values.ts";

/** Two numbers of one arm on one seed. */
export interface PlanePoint {
  readonly arm: string;
  readonly seed: number;
  readonly x: number;
  readonly y: number;
}

export interface PlaneAxis {
  readonly title: string;
  /** Values from 0 to 1, shown in percent. */
  readonly percent?: boolean;
}

export interface PlaneOptions extends Titles {
  readonly title: string;
  readonly x: PlaneAxis;
  readonly y: PlaneAxis;
  /** Arms whose means are joined by a line, in this order. */
  readonly paths?: readonly (readonly string[])[];
}

const HEIGHT = 340;
const LABEL_HEIGHT = 16;
const LEADER = 12;
/** Between a label and its leader, and behind it. */
const GAP = 3;

/**
 * Arms in the plane of two measures: the mean over seeds as a dot with the arm's name, every seed as a ring. Throws
 * where a number is missing or a path names an arm without points.
 */
export function planeChart(points: readonly PlanePoint[], options: PlaneOptions): VegaLiteSpec {
  const chart = "planeChart";
  requireRows(chart, "points", points);
  requireNumbers(chart, points, ["seed", "x", "y"]);
  const factor = (axis: PlaneAxis) => (axis.percent ? 100 : 1);
  const scaled = points.map((point) => ({
    ...point,
    x: factor(options.x) * point.x,
    y: factor(options.y) * point.y,
    colour: styleOf(point.arm).colour,
  }));
  const byArm = groupBy(scaled, ({ arm }) => arm);
  const names = sideBySide([...byArm.keys()]);
  const means = [...byArm].map(([arm, own]) => ({
    arm,
    name: names.get(arm)!,
    colour: styleOf(arm).colour,
    ink: styleOf(arm).ink,
    x: mean(own.map(({ x }) => x)),
    y: mean(own.map(({ y }) => y)),
  }));
  const meanOfArm = (arm: string) => {
    const found = means.find((one) => one.arm === arm);
    if (found === undefined)
      throw new Error(`${chart}: the path through "${arm}" needs points of it; give some.`);
    return found;
  };
  const [xScale, yScale] = [niceScale(scaled.map(({ x }) => x)), niceScale(scaled.map(({ y }) => y))];
  const width = CONTENT - Y_AXIS - LEADER - 2 * GAP - labelWidth([...names.values()]);
  const axis = (title: string, { ticks }: { readonly ticks: readonly number[] }) => ({
    values: ticks,
    tickCount: ticks.length,
    ticks: false,
    labelExpr: "replace(datum.label, '-', '−')",
    title,
    titleAnchor: "start",
  });
  const x = {
    field: "x",
    type: "quantitative",
    scale: { domain: xScale.domain, nice: false, zero: false },
    axis: axis(options.x.title, xScale),
  };
  const y = {
    field: "y",
    type: "quantitative",
    scale: { domain: yScale.domain, nice: false, zero: false },
    axis: { ...axis(options.y.title, yScale), minExtent: Y_AXIS, maxExtent: Y_AXIS },
  };
  const colour = { field: "colour", type: "nominal", scale: null };
  const places = spread(
    means.map((one) => one.y),
    (LABEL_HEIGHT / HEIGHT) * (yScale.domain[1] - yScale.domain[0]),
    ...yScale.domain,
  );
  const labels = means.map((one, at) => ({ ...one, label: places[at]! }));
  const paths = (options.paths ?? []).map((arms) => arms.map(meanOfArm));
  return {
    title: heading(options),
    description: `${options.y.title} against ${options.x.title}, means over seeds: ${means
      .map((one) => `${styleOf(one.arm).name} (${decimals(one.x, 2)}, ${decimals(one.y, 2)})`)
      .join("; ")}.`,
    width,
    height: HEIGHT,
    layer: [
      ...paths.map((path) => ({
        data: { values: path.map((one, order) => ({ x: one.x, y: one.y, order })) },
        mark: { type: "line", strokeWidth: 1.6, opacity: 0.7, color: path[0]!.colour },
        encoding: { x, y, order: { field: "order", type: "quantitative" } },
      })),
      {
        data: { values: scaled },
        mark: { type: "point", size: 22, strokeWidth: 1.1, filled: false, opacity: 0.75 },
        encoding: { x, y, color: colour },
      },
      {
        data: { values: labels },
        mark: { type: "rule", strokeWidth: 0.8, opacity: 0.45 },
        encoding: { x, y, x2: { value: width + LEADER }, y2: { field: "label" }, color: colour },
      },
      {
        data: { values: means },
        mark: {
          type: "point",
          shape: "circle",
          size: 110,
          filled: true,
          opacity: 1,
          stroke: "#ffffff",
          strokeWidth: 1.5,
        },
        encoding: { x, y, fill: colour },
      },
      {
        data: { values: labels },
        mark: { type: "text", align: "left", baseline: "middle", fontSize: SMALL },
        encoding: {
          x: { value: width + LEADER + GAP },
          y: { field: "label", type: "quantitative", scale: y.scale },
          text: { field: "name", type: "nominal" },
          color: { field: "ink", type: "nominal", scale: null },
        },
      },
    ],
  };
}
