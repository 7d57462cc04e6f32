import { mean } from "../../evaluation/statistics.ts";
import { type Label, namesSideBySide } from "../../results/labels.ts";
import { CONTENT, INK, SMALL, TEXT, textWidth, type VegaLiteSpec, wrap } from "../theme.ts";
import { labelWidth, Y_AXIS } from "./lines.ts";
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

/**
 * Arms by two measures: the mean over seeds as a dot with the arm's name, every seed as a ring. Throws if a number is
 * missing or an arm of a path has no points.
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
  const means = arms.map((arm) => {
    const own = scaled.filter((point) => point.arm === arm.id);
    return {
      arm: arm.id,
      name: names.get(arm.id) ?? arm.name,
      colour: arm.colour,
      ink: arm.ink,
      x: mean(own.map(({ x }) => x)),
      y: mean(own.map(({ y }) => y)),
    };
  });
  const meanOfArm = (arm: Label) => {
    const found = means.find((one) => one.arm === arm.id);
    if (found === undefined)
      throw new Error(`${chart}: a path leads through "${arm.name}", which has no points; give some.`);
    return found;
  };
  const [xScale, yScale] = [niceScale(scaled.map(({ x }) => x)), niceScale(scaled.map(({ y }) => y))];
  const width = CONTENT - Y_AXIS - LEADER - 2 * LABEL_GAP - labelWidth([...names.values()]);
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
  const paths = (options.paths ?? []).map((path) => ({
    color: path[0]?.colour,
    values: path.map(meanOfArm).map((one, order) => ({ x: one.x, y: one.y, order })),
  }));
  return {
    title: heading(options),
    description: `${options.y.title} against ${options.x.title}, means over seeds: ${arms
      .map((arm, at) => `${arm.name} (${decimals(means[at]!.x, 2)}, ${decimals(means[at]!.y, 2)})`)
      .join("; ")}.`,
    width,
    height: HEIGHT,
    layer: [
      ...paths.map(({ color, values }) => ({
        data: { values },
        mark: { type: "line", strokeWidth: 1.6, opacity: 0.7, color },
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
const COLUMN_GAP = 22;

/**
 * Greedy win rate, reward at T = 1 and entropy in three columns, one row per arm. Sampling at T = 1 also rewards a policy
 * for being sharp, so the second column must be read beside the third. Throws if a number is missing.
 */
export function sharpnessChart(rows: readonly Sharpness[], options: SharpnessOptions = {}): VegaLiteSpec {
  const chart = "sharpnessChart";
  requireRows(chart, "rows", rows);
  requireNumbers(chart, rows, ["seed", "greedyWinRate", "sampledReward", "entropy"]);
  const byArm = groupByLabel(rows, ({ arm }) => arm);
  const order = byArm.map(([arm]) => arm.id);
  const names = byArm.map(([arm]) => wrap(arm.name, NAME, TEXT));
  const left = Math.ceil(Math.max(...names.flat().map((line) => textWidth(line, TEXT)))) + 14;
  const width = Math.floor((CONTENT - left - 2 * COLUMN_GAP - 8) / 3);
  const columns = [
    { field: "greedyWinRate", factor: 100, digits: 1, head: ["Win rate", "greedy, %"] },
    { field: "sampledReward", factor: 1, digits: 2, head: ["Gold reward", "at T = 1"] },
    { field: "entropy", factor: 1, digits: 2, head: ["Entropy", options.entropyUnit ?? "nats per token"] },
  ] as const;
  const panels = columns.map(({ field, factor, digits, head }, at) => {
    const rings = rows.map((row) => ({
      name: row.arm.name,
      x: factor * row[field],
      y: order.indexOf(row.arm.id) + 0.3,
      colour: row.arm.colour,
    }));
    const means = byArm.map(([{ name, colour }, own], index) => {
      const value = factor * mean(own.map((row) => row[field]));
      return { name, x: value, y: index + 0.06, colour, label: decimals(value, digits) };
    });
    const { domain, ticks } = closeScale(rings.map((ring) => ring.x));
    return panel({
      rings,
      means,
      domain,
      ticks,
      head,
      width,
      rows: byArm.length,
      names: at === 0 ? names : [],
      left,
    });
  });
  const summary = byArm.map(([{ name }, own]) => {
    const average = (field: "greedyWinRate" | "sampledReward" | "entropy") =>
      mean(own.map((row) => row[field]));
    const numbers = [
      `${decimals(100 * average("greedyWinRate"), 1)}%`,
      decimals(average("sampledReward"), 2),
      decimals(average("entropy"), 2),
    ];
    return `${name} ${numbers.join(", ")}`;
  });
  return {
    title: heading({
      title: options.title ?? "Reward at T = 1 beside sharpness",
      subtitle:
        options.subtitle ??
        "Sampling at T = 1 also rewards a policy for being sharp (low entropy); greedy decoding does not. Dots: means. Rings: seeds.",
    }),
    description: `Greedy win rate, mean gold reward at T = 1, and entropy: ${summary.join("; ")}.`,
    spacing: COLUMN_GAP,
    bounds: "flush",
    hconcat: panels,
  };
}

interface Panel {
  readonly rings: readonly object[];
  readonly means: readonly object[];
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  readonly head: readonly [string, string];
  readonly width: number;
  readonly rows: number;
  /** Names at the left, each in lines; empty except in the first panel. */
  readonly names: readonly (readonly string[])[];
  readonly left: number;
}

function panel({ rings, means, domain, ticks, head, width, rows, names, left }: Panel): object {
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
    scale: { domain: [rows - 0.5, -0.5], nice: false },
    axis: null,
  };
  const colour = { field: "colour", type: "nominal", scale: null };
  const shown = tooltip({ x: head.join(", ") });
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
    height: rows * ROW,
    layer: [
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
          stroke: "#ffffff",
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
