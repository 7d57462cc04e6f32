import { mean } from "../../evaluation/statistics.ts";
import { QUIET, SMALL, textWidth } from "../theme.ts";
import { groupBy, niceScale, shortNumber, spread, tooltip } from "./values.ts";

/** A point of a curve. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A curve: the mean as a heavy line with its name at the end, and single seeds as thin lines or dots. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly ink: string;
  readonly mean: readonly Point[];
  readonly seeds: readonly (readonly Point[])[];
}

/** Size and axes of `linePanel`. */
export interface PanelOptions {
  readonly width: number;
  readonly height: number;
  readonly x: {
    readonly domain: readonly [number, number];
    readonly ticks: readonly number[];
    readonly log?: boolean;
    /** Number format of the ticks, by default with SI prefixes. */
    readonly format?: string;
  };
  /** Undefined for a panel that shares the axis of the one below. */
  readonly xTitle?: string;
  readonly yTitle?: string;
  readonly title?: object;
  /** Marks the points of the mean, for curves with few points. */
  readonly dots?: boolean;
  /** How single seeds are drawn, by default as thin lines. */
  readonly seeds?: "lines" | "dots";
}

const LEADER = 12;
const LABEL_HEIGHT = 16;
/** Width of a vertical axis' labels, the same on all panels so that they line up. */
export const Y_AXIS = 40;

/** The width in pixels of the longest name at the right of a panel. */
export function labelWidth(names: readonly string[]): number {
  return Math.ceil(Math.max(...names.map((name) => textWidth(name, SMALL)))) + LEADER + 4;
}

/** A panel as part of a Vega-Lite specification. */
interface LinePanel {
  readonly [key: string]: unknown;
  readonly layer: readonly object[];
}

const significant = (value: number) => Number(value.toPrecision(4));

/** Curves in one panel, each named at its end. A curve that ends early continues as a dotted line. */
export function linePanel(series: readonly Series[], options: PanelOptions): LinePanel {
  const { width, height } = options;
  const scale = niceScale(
    series.flatMap((one) => [one.mean, ...one.seeds].flatMap((line) => line.map((point) => point.y))),
    4,
  );
  const [low, high] = scale.domain;
  const x = {
    field: "x",
    type: "quantitative",
    scale: { domain: options.x.domain, nice: false, ...(options.x.log ? { type: "log" } : { zero: false }) },
    axis: {
      values: options.x.ticks,
      tickCount: options.x.ticks.length,
      grid: false,
      labels: options.xTitle !== undefined,
      ticks: options.xTitle !== undefined,
      format: options.x.format ?? "~s",
      labelOverlap: false,
      title: options.xTitle ?? null,
      titleAnchor: "start",
    },
  };
  const y = {
    field: "y",
    type: "quantitative",
    scale: { domain: scale.domain, nice: false, zero: false },
    axis: {
      values: scale.ticks,
      tickCount: scale.ticks.length,
      ticks: false,
      labelExpr: "replace(datum.label, '-', '−')",
      title: options.yTitle ?? null,
      minExtent: Y_AXIS,
      maxExtent: Y_AXIS,
    },
  };
  const colour = { field: "colour", type: "nominal", scale: null };
  const line = (points: readonly Point[], key: string, colour: string) =>
    points.map((point) => ({ x: significant(point.x), y: significant(point.y), key, colour }));
  const thin = series.flatMap((one, at) =>
    one.seeds.flatMap((seed, n) => line(seed, `${at}/${n}`, one.colour)),
  );
  const heavy = series.flatMap((one, at) =>
    line(one.mean, String(at), one.colour).map((point) => ({ ...point, name: one.name })),
  );
  const ends = series.map(endOf);
  const places = spread(
    ends.map((end) => end.y),
    (LABEL_HEIGHT / height) * (high - low),
    low,
    high,
  );
  const labels = series.map(({ name, colour, ink }, at) => ({
    x: ends[at]!.x,
    y: ends[at]!.y,
    label: places[at]!,
    name,
    colour,
    ink,
  }));
  const early = labels.filter((label) => label.x < options.x.domain[1]);
  const yOf = (field: string) => ({ field, type: "quantitative", scale: y.scale });
  return {
    ...(options.title ? { title: options.title } : {}),
    width,
    height,
    layer: [
      {
        data: { values: thin },
        mark:
          options.seeds === "dots"
            ? { type: "point", filled: true, size: 22, opacity: 0.4 }
            : { type: "line", strokeWidth: 0.8, opacity: 0.4, strokeJoin: "round" },
        encoding: { x, y, color: colour, detail: { field: "key", type: "nominal" } },
      },
      {
        data: { values: heavy },
        mark: {
          type: "line",
          strokeWidth: 2.4,
          strokeJoin: "round",
          strokeCap: "round",
          point: options.dots ? { filled: true, size: 40, opacity: 1 } : false,
        },
        encoding: { x, y, color: colour, detail: { field: "key", type: "nominal" }, tooltip: tooltip() },
      },
      {
        data: { values: early },
        mark: { type: "rule", strokeWidth: 1.2, strokeDash: [1.5, 3.5], opacity: 0.9 },
        encoding: { x, x2: { value: width }, y, color: colour },
      },
      {
        data: { values: early },
        mark: { type: "point", filled: true, size: 40, opacity: 1 },
        encoding: { x, y, color: colour },
      },
      {
        data: { values: labels },
        mark: { type: "rule", strokeWidth: 1, opacity: 0.6 },
        encoding: {
          x: { value: width + 1 },
          x2: { value: width + LEADER },
          y,
          y2: { field: "label" },
          color: colour,
        },
      },
      {
        data: { values: labels },
        mark: { type: "text", align: "left", baseline: "middle", fontSize: SMALL, color: QUIET },
        encoding: {
          x: { value: width + LEADER + 3 },
          y: yOf("label"),
          text: { field: "name", type: "nominal" },
          color: { field: "ink", type: "nominal", scale: null },
        },
      },
    ],
  };
}

/** The last point of a curve's mean. Throws if it has none. */
export function endOf({ name, mean }: Pick<Series, "name" | "mean">): Point {
  const end = mean.at(-1);
  if (end === undefined) throw new Error(`The curve "${name}" has no points.`);
  return end;
}

/** The mean y at each x, by x. */
export function meansByX(points: readonly Point[]): Point[] {
  return [...groupBy(points, ({ x }) => x)]
    .map(([x, own]) => ({ x, y: mean(own.map(({ y }) => y)) }))
    .sort((a, b) => a.x - b.x);
}

const TICK_GAP = 8;

/** A horizontal axis over `values`, with as many of them labelled as fit without overlap. */
export function horizontalAxis(values: readonly number[], log: boolean, width: number): PanelOptions["x"] {
  const [first, last] = [Math.min(...values), Math.max(...values)];
  const domain: [number, number] =
    first < last ? [first, last] : log ? [first / 2, first * 2] : [first - 1, first + 1];
  const scale = (value: number) => (log ? Math.log(value) : value);
  const at = (value: number) =>
    (width * (scale(value) - scale(domain[0]))) / (scale(domain[1]) - scale(domain[0]));
  const half = (value: number) => textWidth(shortNumber(value), SMALL) / 2;
  const ticks: number[] = [];
  for (const value of [...new Set(values)].sort((a, b) => a - b)) {
    const previous = ticks.at(-1);
    const gap = previous === undefined ? Infinity : at(value) - at(previous) - half(value) - half(previous);
    if (gap >= TICK_GAP) ticks.push(value);
  }
  return { domain, ticks, log, format: last >= 10_000 ? ".3~s" : "~g" };
}
