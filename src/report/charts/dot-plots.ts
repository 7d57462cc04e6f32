import { mean } from "../../evaluation/statistics.ts";
import { type Label, namesSideBySide } from "../../results/labels.ts";
import { atBothWidths, type Layout } from "../layout.ts";
import { INK, PAPER, SMALL, TEXT, textWidth, type VegaLiteSpec, wrap } from "../theme.ts";
import { intervalNote, intervalOver, seedCount } from "./intervals.ts";
import { crossOf } from "./line-charts.ts";
import { labelWidth, verticalAxis, Y_AXIS } from "./lines.ts";
import { heading, type Titles } from "./titles.ts";
import {
  closeScale,
  decimals,
  groupByLabel,
  niceScale,
  requireNumbers,
  requireRows,
  spread,
  tooltip,
} from "./values.ts";

/* Charts of means as dots, with single seeds as rings. */

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

/** How well one arm does on one seed, and how sharp its policy is. */
export interface Sharpness {
  readonly arm: Label;
  readonly seed: number;
  /** Win rate of greedy decoding, from 0 to 1. */
  readonly greedyWinRate: number;
  /** Mean gold reward when sampling at T = 1. */
  readonly sampledReward: number;
  /** Mean entropy of the policy at T = 1. */
  readonly entropy: number;
}

/** Options of `sharpnessChart`. */
export interface SharpnessOptions extends Titles {
  /** Unit of the entropy, by default "nats per token". */
  readonly entropyUnit?: string;
}

const ROW = 44;
const LINE = 17;
/** The widest line of a name, in pixels. */
const NAME = 165;
const NARROW_NAME = 130;
const COLUMN_GAP = 22;

/**
 * Greedy win rate, reward at T = 1 and entropy in three columns, one row per arm, each with its 95 % t interval. Sampling at
 * T = 1 also rewards a policy for being sharp, so the second column must be read beside the third. Throws if a number is
 * missing.
 */
export function sharpnessChart(rows: readonly Sharpness[], options: SharpnessOptions = {}): VegaLiteSpec {
  const chart = "sharpnessChart";
  requireRows(chart, "rows", rows);
  requireNumbers(chart, rows, ["seed", "greedyWinRate", "sampledReward", "entropy"]);
  const byArm = groupByLabel(rows, ({ arm }) => arm);
  const columns = [
    { field: "greedyWinRate", factor: 100, digits: 1, head: ["Win rate", "greedy, %"] },
    { field: "sampledReward", factor: 1, digits: 2, head: ["Gold reward", "at T = 1"] },
    { field: "entropy", factor: 1, digits: 2, head: ["Entropy", options.entropyUnit ?? "nats per token"] },
  ] as const;
  const drawn = columns.map(({ field, factor, digits, head }) => {
    const rings = byArm.flatMap(([{ name, colour }, own], row) =>
      own.map((one) => ({ name, x: factor * one[field], y: row + 0.3, colour })),
    );
    const means = byArm.map(([{ name, colour }, own], row) => {
      const values = own.map((one) => factor * one[field]);
      const interval = intervalOver(values);
      return {
        ...{ name, x: mean(values), y: row + 0.06, colour, label: decimals(mean(values), digits) },
        ...(interval && { low: interval.low, high: interval.high }),
      };
    });
    return { head, rings, means };
  });
  const summary = byArm.map(([{ name }], row) => {
    const [rate, reward, entropy] = drawn.map(({ means }) => means[row]?.label);
    return `${name} ${rate}%, ${reward}, ${entropy}`;
  });
  const description = `Greedy win rate, mean gold reward at T = 1, and entropy: ${summary.join("; ")}.`;
  const text = {
    title: options.title ?? "Reward at T = 1 beside sharpness",
    subtitle:
      options.subtitle ??
      `Sampling at T = 1 also rewards a sharp policy (low entropy). ${intervalNote(seedCount(rows), "bars")} Rings: single seeds.`,
  };
  return atBothWidths((layout) => {
    const names = byArm.map(([arm]) => wrap(arm.name, layout.narrow ? NARROW_NAME : NAME, TEXT));
    const left = Math.ceil(Math.max(...names.flat().map((line) => textWidth(line, TEXT)))) + 14;
    const width = layout.narrow
      ? layout.width - left - 12
      : Math.floor((layout.width - left - 2 * COLUMN_GAP - 8) / 3);
    const panels = drawn.map((column, at) =>
      panel({ ...column, width, names: at === 0 || layout.narrow ? names : [], left, count: byArm.length }),
    );
    return {
      title: heading(text, layout),
      description,
      spacing: COLUMN_GAP,
      ...(layout.narrow ? { vconcat: panels } : { bounds: "flush", hconcat: panels }),
    };
  });
}

interface Panel {
  readonly rings: readonly { readonly x: number }[];
  readonly means: readonly { readonly low?: number; readonly high?: number }[];
  readonly head: readonly [string, string];
  readonly width: number;
  /** Names at the left, each in lines; none if another panel has them. */
  readonly names: readonly (readonly string[])[];
  readonly left: number;
  /** The number of rows. */
  readonly count: number;
}

function panel({ rings, means, head, width, names, left, count }: Panel): object {
  const { domain, ticks } = closeScale(rings.map(({ x }) => x));
  const axis = {
    values: ticks,
    tickCount: ticks.length,
    ticks: false,
    title: null,
    labelExpr: "replace(datum.label, '-', '−')",
  };
  const x = { field: "x", type: "quantitative", scale: { domain, nice: false, zero: false }, axis };
  const y = {
    field: "y",
    type: "quantitative",
    scale: { domain: [count - 0.5, -0.5], nice: false },
    axis: null,
  };
  const colour = { field: "colour", type: "nominal", scale: null };
  const shown = tooltip({ x: head.join(", ") });
  const known = means.filter(({ low }) => low !== undefined);
  return {
    title: {
      text: head[0],
      subtitle: head[1],
      fontSize: TEXT,
      frame: "group",
      anchor: "start",
      offset: 6,
      subtitlePadding: 2,
    },
    width,
    height: count * ROW,
    layer: [
      ...(known.length > 0
        ? [
            {
              data: { values: known },
              mark: { type: "rule", strokeWidth: 3, opacity: 0.55, clip: true },
              encoding: { x: { ...x, field: "low" }, x2: { field: "high" }, y, color: colour },
            },
          ]
        : []),
      {
        data: { values: rings },
        mark: { type: "point", size: 22, strokeWidth: 1.1, filled: false, opacity: 0.8 },
        encoding: { x, y, color: colour, tooltip: shown },
      },
      {
        data: { values: means },
        mark: {
          type: "point",
          shape: "circle",
          size: 100,
          filled: true,
          opacity: 1,
          stroke: PAPER,
          strokeWidth: 1.5,
        },
        encoding: { x, y, fill: colour, tooltip: shown },
      },
      {
        data: { values: means },
        mark: { type: "text", baseline: "bottom", dy: -7, fontSize: SMALL, color: INK },
        encoding: { x, y, text: { field: "label", type: "nominal" } },
      },
      {
        data: { values: names.flatMap(linesOf) },
        mark: { type: "text", align: "left", baseline: "middle", fontSize: TEXT, color: INK },
        encoding: { x: { value: -left }, y, text: { field: "name", type: "nominal" } },
      },
    ],
  };
}

/** The lines of one row's name, centred at the height of its mean. */
function linesOf(lines: readonly string[], row: number): object[] {
  return lines.map((name, at) => ({ name, y: row + 0.06 + ((at - (lines.length - 1) / 2) * LINE) / ROW }));
}
