import { mean } from "../../evaluation/statistics.ts";
import { SMALL, textWidth, wrap } from "../theme.ts";
import type { Band, Cross, Point } from "./intervals.ts";
import { groupBy, niceScale, shortNumber, spread, tooltip } from "./values.ts";

/** A curve: the mean as a heavy line, named, its intervals as a band or as bars, and single seeds as thin lines. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly ink: string;
  readonly mean: readonly Point[];
  readonly seeds?: readonly (readonly Point[])[];
  readonly band?: readonly Band[];
  readonly bars?: readonly Cross[];
  /** Dash pattern, by default solid. */
  readonly dash?: readonly number[];
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
  /** What the vertical axis shows, with its unit; written above it. */
  readonly yTitle?: string;
  /** Marks the points of the mean, for curves with few points. */
  readonly dots?: boolean;
  /** Whether the names of curves are at their ends; otherwise the figure has them above its panels. */
  readonly named: boolean;
}

const LEADER = 12;
const LABEL_HEIGHT = 16;
/** Width of a vertical axis' labels, the same on all panels so that they line up. */
export const Y_AXIS = 40;

/** The width in pixels of the longest name at the right of a panel, with room for fonts that are wider than most. */
export function labelWidth(names: readonly string[]): number {
  return Math.ceil(1.1 * Math.max(...names.map((name) => textWidth(name, SMALL)))) + LEADER + 4;
}

/** A panel as part of a Vega-Lite specification. */
interface LinePanel {
  readonly [key: string]: unknown;
  readonly layer: readonly object[];
}

const significant = (value: number) => Number(value.toPrecision(4));

const COLOUR = { field: "colour", type: "nominal", scale: null } as const;

/** A vertical axis with its title above it, so that it can be read without turning the head. */
export function verticalAxis(ticks: readonly number[], title: string | undefined, width: number): object {
  const lines = title === undefined ? [] : wrap(title, width + Y_AXIS, SMALL);
  return {
    values: ticks,
    tickCount: ticks.length,
    ticks: false,
    labelExpr: "replace(datum.label, '-', '−')",
    title: lines.length > 0 ? lines : null,
    titleLineHeight: 16,
    titleAngle: 0,
    titleAlign: "left",
    titleAnchor: "end",
    titleBaseline: "bottom",
    titleX: -Y_AXIS,
    titleY: 7 - 16 * lines.length,
    minExtent: Y_AXIS,
    maxExtent: Y_AXIS,
  };
}

/** Curves in one panel, each named at its end. A named curve that ends early continues as a dotted line. */
export function linePanel(series: readonly Series[], options: PanelOptions): LinePanel {
  const { width, height, named } = options;
  const scale = niceScale(
    series.flatMap(({ mean, seeds = [], band = [], bars = [] }) => [
      ...[mean, ...seeds].flatMap((line) => line.map((point) => point.y)),
      ...band.flatMap((one) => [one.low, one.high]),
      ...bars.flatMap(({ low, high }) => [low ?? [], high ?? []].flat()),
    ]),
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
    axis: verticalAxis(scale.ticks, options.yTitle, width),
  };
  const ofLine = (points: readonly Point[], key: string, colour: string) =>
    points.map((point) => ({ x: significant(point.x), y: significant(point.y), key, colour }));
  const thin = series.flatMap(({ seeds = [], colour }, at) =>
    seeds.flatMap((seed, n) => ofLine(seed, `${at}/${n}`, colour)),
  );
  const bands = series.flatMap(({ band = [], colour }, at) =>
    band.map((one) => ({
      x: significant(one.x),
      y: significant(one.low),
      high: significant(one.high),
      key: String(at),
      colour,
    })),
  );
  const bars = series.flatMap(({ bars = [], colour }) => bars.map((bar) => ({ ...bar, colour })));
  const bar = { type: "rule", strokeWidth: 1.6, opacity: 0.75, clip: true };
  const key = { field: "key", type: "nominal" };
  return {
    width,
    height,
    layer: [
      ...layerOf(
        bands,
        { type: "area", opacity: 0.17, clip: true },
        { x, y, y2: { field: "high" }, fill: COLOUR, detail: key },
      ),
      ...layerOf(
        thin,
        { type: "line", strokeWidth: 0.8, opacity: 0.4, strokeJoin: "round" },
        { x, y, color: COLOUR, detail: key },
      ),
      ...layerOf(
        bars.filter((one) => one.low !== undefined),
        bar,
        { x, y: { ...y, field: "low" }, y2: { field: "high" }, color: COLOUR },
      ),
      ...layerOf(
        bars.filter((one) => one.xLow !== undefined),
        bar,
        { x: { ...x, field: "xLow" }, x2: { field: "xHigh" }, y, color: COLOUR },
      ),
      ...series.map(({ name, mean, colour, dash = [], band = [] }) => ({
        data: {
          values: mean.map((point) => {
            const own = band.find((one) => one.x === point.x);
            return {
              ...{ x: significant(point.x), y: significant(point.y), name, colour },
              ...(own && { low: significant(own.low), high: significant(own.high) }),
            };
          }),
        },
        mark: {
          type: "line",
          strokeWidth: 2.4,
          strokeJoin: "round",
          strokeCap: dash.length > 0 ? "butt" : "round",
          strokeDash: dash,
          point: options.dots ? { filled: true, size: 40, opacity: 1 } : false,
        },
        encoding: {
          x,
          y,
          color: COLOUR,
          tooltip: tooltip({ x: "x", y: "mean", ...(band.length > 0 && { low: "low", high: "high" }) }),
        },
      })),
      ...(named ? nameLayers(series, { width, height, low, high, last: options.x.domain[1] }, x, y) : []),
    ],
  };
}

/** A layer of rows, or none if there are none. */
function layerOf(values: readonly object[], mark: object, encoding: object): object[] {
  return values.length === 0 ? [] : [{ data: { values }, mark, encoding }];
}

/** Names at the ends of curves, apart from one another. */
function nameLayers(
  series: readonly Series[],
  frame: { width: number; height: number; low: number; high: number; last: number },
  x: object,
  y: { readonly scale: object },
): object[] {
  const { width, height, low, high, last } = frame;
  const ends = series.map(endOf);
  const places = spread(
    ends.map((end) => end.y),
    (LABEL_HEIGHT / height) * (high - low),
    low,
    high,
  );
  const labels = series.map(({ name, colour, ink }, at) => ({
    ...{ x: ends[at]!.x, y: ends[at]!.y, label: places[at]! },
    ...{ name, colour, ink },
  }));
  const early = labels.filter((label) => label.x < last);
  return [
    ...layerOf(
      early,
      { type: "rule", strokeWidth: 1.2, strokeDash: [1.5, 3.5], opacity: 0.9 },
      { x, x2: { value: width }, y, color: COLOUR },
    ),
    ...layerOf(early, { type: "point", filled: true, size: 40, opacity: 1 }, { x, y, color: COLOUR }),
    {
      data: { values: labels },
      mark: { type: "rule", strokeWidth: 1, opacity: 0.6 },
      encoding: {
        x: { value: width + 1 },
        x2: { value: width + LEADER },
        y,
        y2: { field: "label" },
        color: COLOUR,
      },
    },
    {
      data: { values: labels },
      mark: { type: "text", align: "left", baseline: "middle", fontSize: SMALL },
      encoding: {
        x: { value: width + LEADER + 3 },
        y: { field: "label", type: "quantitative", scale: y.scale },
        text: { field: "name", type: "nominal" },
        color: { field: "ink", type: "nominal", scale: null },
      },
    },
  ];
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
