import { mean } from "../../evaluation/statistics.ts";
import { dashOf } from "../dashes.ts";
import { atBothWidths } from "../layout.ts";
import type { VegaLiteSpec } from "../theme.ts";
import type { Band, Cross, Point } from "./intervals.ts";
import { lineFigure } from "./line-figure.ts";
import { requireNumbers, requireRows } from "./values.ts";

/** A named curve. */
export interface Curve {
  readonly name: string;
  readonly colour: string;
  /** Colour of the name, by default that of the curve. */
  readonly ink?: string;
  /** Dash pattern, by default that of the colour. */
  readonly dash?: readonly number[];
  readonly points: readonly Point[];
  /** The single curves of which this one is the mean, if they are to be drawn. */
  readonly draws?: readonly (readonly Point[])[];
  /** Intervals of the points, as a band. */
  readonly band?: readonly Band[];
  /** Intervals of the points, as bars. */
  readonly bars?: readonly Cross[];
}

/** Curves on the same axes. */
export interface CurvesPanel {
  readonly curves: readonly Curve[];
  /** What the panel's vertical axis shows, by default `yTitle`. */
  readonly title?: string;
}

/** Titles, text and axes of `curvesChart`. */
export interface CurvesOptions {
  readonly title: string;
  readonly subtitle: string;
  /** Alternative text with the figure's numbers. */
  readonly description: string;
  readonly xTitle: string;
  /** What the vertical axis shows, with its unit. */
  readonly yTitle?: string;
  /** Labelled values of the horizontal axis. */
  readonly ticks: readonly number[];
  readonly log?: boolean;
  /** Number format of the ticks, by default with SI prefixes. */
  readonly format?: string;
  readonly dots?: boolean;
  readonly height?: number;
}

/** Named curves over one horizontal axis, in panels below one another. Throws if a curve has no points or one is not finite. */
export function curvesChart(panels: readonly CurvesPanel[], options: CurvesOptions): VegaLiteSpec {
  const chart = "curvesChart";
  const all = panels.flatMap(({ curves }) => curves);
  requireRows(chart, "panels", all);
  for (const { name, points } of all) {
    requireRows(chart, `${name}.points`, points);
    requireNumbers(chart, points, ["x", "y"]);
  }
  const places = all.flatMap(({ points, draws = [] }) => [points, ...draws].flat().map(({ x }) => x));
  const domain = [Math.min(...places), Math.max(...places)] as const;
  const drawn = panels.map(({ curves, title }, at) => {
    const yTitle = title ?? options.yTitle;
    return {
      series: curves.map(({ points, draws, ink, dash, ...curve }) => ({
        ...curve,
        ink: ink ?? curve.colour,
        dash: dash ?? dashOf(curve),
        mean: points,
        seeds: draws ?? [],
      })),
      options: {
        height: options.height ?? 260,
        x: {
          domain,
          ticks: options.ticks,
          log: options.log ?? false,
          ...(options.format ? { format: options.format } : {}),
        },
        dots: options.dots ?? false,
        ...(at === panels.length - 1 ? { xTitle: options.xTitle } : {}),
        ...(yTitle ? { yTitle } : {}),
      },
    };
  });
  return atBothWidths((layout) => lineFigure(layout, drawn, options));
}

/** The mean of several curves with the same x values, point by point. */
export function meanOf(draws: readonly (readonly Point[])[]): Point[] {
  const [first = []] = draws;
  return first.map(({ x }, at) => ({ x, y: mean(draws.map((points) => points[at]!.y)) }));
}
