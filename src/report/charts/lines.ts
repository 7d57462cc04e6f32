import { QUIET, SMALL, textWidth } from "../theme.ts";
import { niceScale, spread, tooltip } from "./values.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** One curve: its mean, drawn heavy and named at its end, over the single seeds, drawn thin or as dots. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly ink: string;
  readonly mean: readonly Point[];
  readonly seeds: readonly (readonly Point[])[];
}

export interface PanelOptions {
  readonly width: number;
  readonly height: number;
  readonly x: {
    readonly domain: readonly [number, number];
    readonly ticks: readonly number[];
    readonly log?: boolean;
    /** How ticks are written, by default with SI prefixes. */
    readonly format?: string;
  };
  /** Absent on panels that share the axis of the one below. */
  readonly xTitle?: string;
  readonly yTitle?: string;
  readonly title?: object;
  /** Mark the points of the mean, for curves that were measured at few places. */
  readonly dots?: boolean;
  /** How single seeds are drawn, by default as thin lines. */
  readonly seeds?: "lines" | "dots";
}

const LEADER = 12;
const LABEL_HEIGHT = 16;
/** Room for the labels of a vertical axis, the same on all panels so that they line up. */
export const Y_AXIS = 40;

/** The width that the names of `series` take at the right of a panel. */
export function labelWidth(names: readonly string[]): number {
  return Math.ceil(Math.max(...names.map((name) => textWidth(name, SMALL)))) + LEADER + 4;
}

const significant = (value: number) => Number(value.toPrecision(4));

/** Curves in one panel, each named at its end; a curve that ends early is carried on as a dotted line. */
export function linePanel(series: readonly Series[], options: PanelOptions): object {
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
  const ends = series.map((one) => one.mean.at(-1)!);
  const places = spread(
    ends.map((end) => end.y),
    (LABEL_HEIGHT / height) * (high - low),
    low,
    high,
  );
  const labels = series.map((one, at) => ({
    x: ends[at]!.x,
    y: ends[at]!.y,
    label: places[at]!,
    name: one.name,
    colour: one.colour,
    ink: one.ink,
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
