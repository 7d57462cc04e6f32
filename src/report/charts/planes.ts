import { type Label, namesSideBySide } from "../../results/labels.ts";
import { atBothWidths, type Layout } from "../layout.ts";
import { PAPER, SMALL, type VegaLiteSpec, wrap } from "../theme.ts";
import { crossOf, intervalNote, seedCount } from "./intervals.ts";
import { labelWidth, verticalAxis, Y_AXIS } from "./lines.ts";
import { heading, type Titles } from "./titles.ts";
import { decimals, niceScale, requireNumbers, requireRows, spread, tooltip } from "./values.ts";

/* Charts of arms by two measures. */

/** Two measures of one arm on one seed. */
export interface PlanePoint {
  readonly arm: Label;
  readonly seed: number;
  readonly x: number;
  readonly y: number;
}

/** An axis of `planeChart`. */
export interface PlaneAxis {
  readonly title: string;
  /** Values from 0 to 1 are shown in percent. */
  readonly percent?: boolean;
}

/** Titles and axes of `planeChart`. */
export interface PlaneOptions extends Titles {
  readonly title: string;
  readonly x: PlaneAxis;
  readonly y: PlaneAxis;
  /** Arms whose means are joined by a line, in this order. */
  readonly paths?: readonly (readonly Label[])[];
}

const HEIGHT = 340;
const LABEL_HEIGHT = 16;
const LEADER = 12;
/** Pixels between a label and its leader, and after the label. */
const LABEL_GAP = 3;
/** The least width of a plane, in pixels. */
const MIN_PLANE = 150;

/**
 * Arms by two measures: the mean over seeds as a dot with the arm's name and bars for both 95 % t intervals, every seed as
 * a ring. Throws if a number is missing or an arm of a path has no points.
 */
export function planeChart(points: readonly PlanePoint[], options: PlaneOptions): VegaLiteSpec {
  const chart = "planeChart";
  requireRows(chart, "points", points);
  requireNumbers(chart, points, ["seed", "x", "y"]);
  const factor = (axis: PlaneAxis) => (axis.percent ? 100 : 1);
  const scaled = points.map(({ arm, seed, x, y }) => ({
    arm: arm.id,
    seed,
    x: factor(options.x) * x,
    y: factor(options.y) * y,
    colour: arm.colour,
  }));
  const arms = [...new Map(points.map(({ arm }) => [arm.id, arm])).values()];
  const names = namesSideBySide(arms);
  const means = arms.map((arm) => ({
    arm: arm.id,
    name: names.get(arm.id) ?? arm.name,
    colour: arm.colour,
    ink: arm.ink,
    ...crossOf(scaled.filter((point) => point.arm === arm.id)),
  }));
  const meanOfArm = (arm: Label) => {
    const found = means.find((one) => one.arm === arm.id);
    if (found === undefined)
      throw new Error(`${chart}: a path leads through "${arm.name}", which has no points; give some.`);
    return found;
  };
  const paths = (options.paths ?? []).map((path) => ({
    color: path[0]?.colour,
    values: path.map(meanOfArm).map((one, order) => ({ x: one.x, y: one.y, order })),
  }));
  const text = {
    title: options.title,
    subtitle: options.subtitle ?? `${intervalNote(seedCount(points), "bars")} Rings: single seeds.`,
    description: `${options.y.title} against ${options.x.title}, means over seeds: ${arms
      .map((arm, at) => `${arm.name} (${decimals(means[at]!.x, 2)}, ${decimals(means[at]!.y, 2)})`)
      .join("; ")}.`,
  };
  return atBothWidths((layout) => ({
    title: heading(text, layout),
    description: text.description,
    ...plane({ rings: scaled, means, paths }, options, layout),
  }));
}

/** The title of an axis with its unit. */
const withUnit = ({ title, percent }: PlaneAxis) => (percent && !title.includes("%") ? `${title}, %` : title);

type Mean = ReturnType<typeof crossOf> & { readonly name: string; readonly colour: string };

/** The dots, bars, rings and names of a plane. */
function plane(
  given: {
    readonly rings: readonly { readonly x: number; readonly y: number }[];
    readonly means: readonly Mean[];
    readonly paths: readonly { readonly color: string | undefined; readonly values: readonly object[] }[];
  },
  options: PlaneOptions,
  layout: Layout,
): object {
  const { rings, means, paths } = given;
  const [xScale, yScale] = [niceScale(rings.map(({ x }) => x)), niceScale(rings.map(({ y }) => y))];
  const width = Math.max(
    MIN_PLANE,
    layout.width - Y_AXIS - LEADER - 2 * LABEL_GAP - labelWidth(means.map(({ name }) => name)),
  );
  const x = {
    field: "x",
    type: "quantitative",
    scale: { domain: xScale.domain, nice: false, zero: false },
    axis: {
      values: xScale.ticks,
      tickCount: xScale.ticks.length,
      ticks: false,
      labelExpr: "replace(datum.label, '-', '−')",
      title: wrap(withUnit(options.x), width, SMALL),
      titleAnchor: "start",
    },
  };
  const y = {
    field: "y",
    type: "quantitative",
    scale: { domain: yScale.domain, nice: false, zero: false },
    axis: verticalAxis(yScale.ticks, withUnit(options.y), width),
  };
  const colour = { field: "colour", type: "nominal", scale: null };
  const places = spread(
    means.map((one) => one.y),
    (LABEL_HEIGHT / HEIGHT) * (yScale.domain[1] - yScale.domain[0]),
    ...yScale.domain,
  );
  const labels = means.map((one, at) => ({ ...one, label: places[at]! }));
  const bar = { type: "rule", strokeWidth: 1.6, opacity: 0.75, clip: true };
  const known = means.filter(({ low }) => low !== undefined);
  return {
    width,
    height: HEIGHT,
    layer: [
      ...paths.map(({ color, values }) => ({
        data: { values },
        mark: { type: "line", strokeWidth: 1.6, opacity: 0.7, color },
        encoding: { x, y, order: { field: "order", type: "quantitative" } },
      })),
      {
        data: { values: rings },
        mark: { type: "point", size: 22, strokeWidth: 1.1, filled: false, opacity: 0.75 },
        encoding: { x, y, color: colour },
      },
      ...(known.length > 0
        ? [
            {
              data: { values: known },
              mark: bar,
              encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color: colour },
            },
            {
              data: { values: known },
              mark: bar,
              encoding: { x: { ...x, field: "xLow" }, x2: { field: "xHigh" }, y, color: colour },
            },
          ]
        : []),
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
          stroke: PAPER,
          strokeWidth: 1.5,
        },
        encoding: { x, y, fill: colour, tooltip: tooltip({ x: "x", y: "y" }) },
      },
      {
        data: { values: labels },
        mark: { type: "text", align: "left", baseline: "middle", fontSize: SMALL },
        encoding: {
          x: { value: width + LEADER + LABEL_GAP },
          y: { field: "label", type: "quantitative", scale: y.scale },
          text: { field: "name", type: "nominal" },
          color: { field: "ink", type: "nominal", scale: null },
        },
      },
    ],
  };
}
