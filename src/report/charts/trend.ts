import { arms, type Style, sideBySide, sortByLabel, styleOf } from "../../results/labels.ts";
import { CONTENT, QUIET, SMALL, textWidth, type VegaLiteSpec } from "../theme.ts";
import { labelWidth, linePanel, type Point, Y_AXIS } from "./lines.ts";
import { heading, type Titles } from "./titles.ts";
import { decimals, groupBy, mean, requireNumbers, requireRows, shortNumber } from "./values.ts";

/** What one seed gave for `series` at `x`. */
export interface TrendPoint {
  readonly series: string;
  readonly x: number;
  readonly seed: number;
  readonly value: number;
}

export interface TrendOptions extends Titles {
  readonly title: string;
  /** What the figure shows, for those who cannot see it; by default the means. */
  readonly description?: string;
  readonly x: { readonly title: string; readonly scale: "linear" | "log" };
  /** `percent` is for values from 0 to 1 that are read as percentages. */
  readonly y: { readonly title: string; readonly percent?: boolean };
  /** Names and colours of the series by their ids, by default those of the arms. */
  readonly styles?: readonly Style[];
}

/**
 * How values change with a number: each series' mean over seeds as a line, each seed as a dot, and a line at zero
 * where values lie on both sides of it. Throws where a number is missing, or is not above 0 on a logarithmic axis.
 */
export function trendChart(points: readonly TrendPoint[], options: TrendOptions): VegaLiteSpec {
  const chart = "trendChart";
  const { x, y, styles = arms } = options;
  requireRows(chart, "points", points);
  requireNumbers(chart, points, ["x", "seed", "value"]);
  const log = x.scale === "log";
  const low = points.find((point) => log && point.x <= 0);
  if (low)
    throw new Error(
      `${chart}: a logarithmic axis needs numbers above 0, and "${low.series}" has x = ${low.x}.`,
    );

  const factor = y.percent ? 100 : 1;
  const bySeries = groupBy(points, ({ series }) => series);
  const names = sideBySide([...bySeries.keys()], styles);
  const series = sortByLabel(bySeries.keys(), styles).map((id) => {
    const own = bySeries.get(id)!.map((point) => ({ x: point.x, y: factor * point.value, seed: point.seed }));
    const seeds = [...groupBy(own, ({ seed }) => seed).values()];
    return { ...styleOf(id, styles), id, name: names.get(id)!, mean: means(own), seeds };
  });
  const width = CONTENT - Y_AXIS - labelWidth(series.map(({ name }) => name));
  const axis = horizontal(
    points.map((point) => point.x),
    log,
    width,
  );
  const panel = linePanel(series, {
    width,
    height: 230,
    x: axis,
    xTitle: log ? `${x.title} (logarithmic)` : x.title,
    dots: true,
    seeds: "dots",
  }) as { layer: object[] };
  const signs = new Set(points.map(({ value }) => Math.sign(value)));
  const zero = {
    data: { values: [{ zero: 0 }] },
    mark: { type: "rule", color: QUIET, strokeWidth: 1.2 },
    encoding: { y: { field: "zero", type: "quantitative" } },
  };
  const unit = y.percent ? `${y.title}, %` : y.title;
  const digits = y.percent ? 1 : 2;
  const summary = series.map(
    ({ id, mean }) =>
      `${styleOf(id, styles).name} ${mean.map((one) => `${decimals(one.y, digits)} at ${shortNumber(one.x)}`).join(", ")}`,
  );
  return {
    title: heading({
      title: options.title,
      subtitle: options.subtitle ?? `${unit}. Lines: means. Dots: single seeds.`,
    }),
    description: options.description ?? `${unit} by ${x.title}, means over seeds: ${summary.join("; ")}.`,
    ...panel,
    layer: signs.has(1) && signs.has(-1) ? [zero, ...panel.layer] : panel.layer,
  };
}

/** The mean at every place, in the places' order. */
function means(points: readonly Point[]): Point[] {
  return [...groupBy(points, ({ x }) => x)]
    .map(([x, own]) => ({ x, y: mean(own.map(({ y }) => y)) }))
    .sort((a, b) => a.x - b.x);
}

const LABEL_GAP = 8;

/** A horizontal axis from the least to the greatest place, with as many of the places labelled as do not touch. */
function horizontal(values: readonly number[], log: boolean, width: number) {
  const places = [...new Set(values)].sort((a, b) => a - b);
  const [first, last] = [places[0]!, places.at(-1)!];
  const domain: [number, number] =
    first < last ? [first, last] : log ? [first / 2, first * 2] : [first - 1, first + 1];
  const scale = (value: number) => (log ? Math.log(value) : value);
  const at = (value: number) =>
    (width * (scale(value) - scale(domain[0]))) / (scale(domain[1]) - scale(domain[0]));
  const half = (value: number) => textWidth(shortNumber(value), SMALL) / 2;
  const ticks: number[] = [];
  for (const place of places) {
    const previous = ticks.at(-1);
    const gap = previous === undefined ? Infinity : at(place) - at(previous) - half(place) - half(previous);
    if (gap >= LABEL_GAP) ticks.push(place);
  }
  return { domain, ticks, log, format: last >= 10_000 ? ".3~s" : "~g" };
}
