import { atBothWidths, type Layout } from "../layout.ts";
import { INK, QUIET, SMALL, TEXT, textWidth, type VegaLiteSpec, wrap } from "../theme.ts";
import { haloed } from "./legend.ts";
import { meanDot, rowPlaces, valueAxis } from "./rows.ts";
import { heading, type Titles } from "./titles.ts";
import { niceScale, tooltip } from "./values.ts";

/** One row of a forest plot. */
export interface ForestRow {
  /** The name in lines; long lines are broken. */
  readonly name: readonly string[];
  /** The estimate as text, below the name. */
  readonly note: string;
  readonly colour: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly points: readonly number[];
}

/** A vertical line at a value, with its label. */
export interface Reference {
  readonly value: number;
  readonly label: string;
  readonly strong?: boolean;
}

/** Titles, text and reference lines of `forest`. */
export interface ForestOptions extends Titles {
  readonly axisTitle: string;
  readonly references: readonly Reference[];
  readonly description: string;
}

const LINE = 18;
/** The widest line of a name, in pixels. */
const NAME = 290;
const GUTTER = 16;
/** The height of the bar of a narrow row, below its text. */
const BAR = 26;

/**
 * A forest plot: a dot on a bar for mean and interval and a ring per point, with each row's name and estimate at its left,
 * in a narrow layout above it.
 */
export function forest(given: readonly ForestRow[], options: ForestOptions): VegaLiteSpec {
  return atBothWidths((layout) => drawForest(given, options, layout));
}

function drawForest(given: readonly ForestRow[], options: ForestOptions, layout: Layout): VegaLiteSpec {
  const { narrow } = layout;
  const rows = given.map((row) => ({
    ...row,
    name: row.name.flatMap((line) => wrap(line, narrow ? layout.width - GUTTER : NAME, TEXT)),
  }));
  const lines = Math.max(...rows.map((row) => row.name.length)) + 1;
  const rowHeight = lines * LINE + (narrow ? BAR + 8 : 14);
  const left = narrow
    ? 0
    : Math.ceil(
        Math.max(
          ...rows.flatMap((row) => [
            ...row.name.map((line) => textWidth(line, TEXT)),
            textWidth(row.note, SMALL),
          ]),
        ) + GUTTER,
      );
  const width = layout.width - left - 14;
  /** Where the bar of a row is, in rows. */
  const middle = narrow ? (lines * LINE + BAR / 2) / rowHeight - 0.5 : -0.06;
  const { domain, ticks } = niceScale([
    ...rows.flatMap((row) => [row.low, row.high, row.mean, ...row.points]),
    ...options.references.map((reference) => reference.value),
  ]);
  const x = { field: "x", type: "quantitative", scale: { domain, nice: false, zero: false } };
  const y = rowPlaces(rows.length);
  const axis = valueAxis(ticks, wrap(options.axisTitle, width, SMALL));
  const colour = { field: "colour", type: "nominal", scale: null };
  const text = rows.flatMap((row, index) =>
    [...row.name, row.note].map((line, at, all) => ({
      line,
      y: narrow
        ? index - 0.5 + ((lines - all.length + at + 0.5) * LINE) / rowHeight
        : index + ((at - (all.length - 1) / 2) * LINE) / rowHeight,
      colour: at < all.length - 1 ? INK : QUIET,
      size: at < all.length - 1 ? TEXT : SMALL,
    })),
  );
  const bars = rows.map(({ name, low, high, mean, colour }, index) => ({
    name: name.join(" "),
    y: index + middle,
    low,
    high,
    mean,
    colour,
  }));
  const rings = rows.flatMap(({ name, points, colour }, index) =>
    points.map((x) => ({
      name: name.join(" "),
      x,
      y: index + middle + (narrow ? 9 / rowHeight : 0.3),
      colour,
    })),
  );
  const interval = tooltip({ mean: "mean", low: "low", high: "high" });
  return {
    title: heading(options, layout),
    description: options.description,
    width,
    height: rows.length * rowHeight,
    layer: [
      ...references(options.references, domain, width),
      {
        data: { values: bars },
        mark: { type: "rule", strokeWidth: 4, strokeCap: "round" },
        encoding: {
          x: { ...x, field: "low", axis },
          x2: { field: "high" },
          y,
          color: colour,
          tooltip: interval,
        },
      },
      {
        data: { values: rings },
        mark: { type: "point", size: 26, strokeWidth: 1.2, filled: false, opacity: 0.8 },
        encoding: { x, y, color: colour, tooltip: tooltip({ x: options.axisTitle }) },
      },
      {
        data: { values: bars },
        mark: meanDot(),
        encoding: {
          x: { ...x, field: "mean" },
          y,
          fill: { field: "colour", type: "nominal", scale: null },
          tooltip: interval,
        },
      },
      ...(narrow ? haloed : (layer: object) => [layer])({
        data: { values: text },
        mark: { type: "text", align: "left", baseline: "middle" },
        encoding: {
          x: { value: -left },
          y,
          text: { field: "line", type: "nominal" },
          size: { field: "size", type: "quantitative", scale: null },
          color: colour,
        },
      }),
    ],
  };
}

/** Vertical lines with labels above the plot that do not overlap. */
function references(all: readonly Reference[], domain: readonly [number, number], width: number): object[] {
  const at = (value: number) => ((value - domain[0]) / (domain[1] - domain[0])) * width;
  const x = { field: "value", type: "quantitative", scale: { domain, nice: false, zero: false } };
  const sorted = [...all].sort((a, b) => a.value - b.value);
  let level = 0;
  let end = -Infinity;
  return sorted.flatMap((reference) => {
    const half = textWidth(reference.label, SMALL) / 2;
    const middle = Math.min(Math.max(at(reference.value), half), width - half + 10);
    level = middle - half < end + 8 ? level + 1 : 0;
    end = middle + half;
    const data = { values: [{ value: reference.value, y: -0.5, label: reference.label }] };
    return [
      {
        data,
        mark: {
          type: "rule",
          color: reference.strong ? INK : QUIET,
          strokeWidth: reference.strong ? 1.2 : 1,
          ...(reference.strong ? {} : { strokeDash: [4, 3] }),
        },
        encoding: { x },
      },
      {
        data,
        mark: {
          type: "text",
          baseline: "bottom",
          dy: -5 - level * 16,
          fontSize: SMALL,
          color: QUIET,
          align: "center",
        },
        encoding: { x: { value: middle }, y: { value: 0 }, text: { field: "label", type: "nominal" } },
      },
    ];
  });
}
