import { mean } from "../../evaluation/statistics.ts";
import { CONTENT, SMALL, type VegaLiteSpec } from "../theme.ts";
import { labelWidth, linePanel, type Point, Y_AXIS } from "./lines.ts";
import { heading } from "./titles.ts";
import { requireNumbers, requireRows } from "./values.ts";

/** A named curve. */
export interface Curve {
  readonly name: string;
  readonly colour: string;
  /** Colour of the name, by default that of the curve. */
  readonly ink?: string;
  readonly points: readonly Point[];
  /** The single curves of which this one is the mean, if any. */
  readonly draws?: readonly (readonly Point[])[];
}

/** Curves on the same axes. */
export interface CurvesPanel {
  readonly curves: readonly Curve[];
  /** The panel's own heading. */
  readonly title?: string;
}

/** Titles, text and axes of `curvesChart`. */
export interface CurvesOptions {
  readonly title: string;
  readonly subtitle: string;
  /** Alternative text with the figure's numbers. */
  readonly description: string;
  readonly xTitle: string;
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
  const places = all.flatMap(({ points }) => points.map(({ x }) => x));
  const domain = [Math.min(...places), Math.max(...places)] as const;
  const width = CONTENT - Y_AXIS - labelWidth(all.map(({ name }) => name));
  const drawn = panels.map(({ curves, title }, at) =>
    linePanel(
      curves.map(({ name, colour, ink, points, draws }) => ({
        name,
        colour,
        ink: ink ?? colour,
        mean: points,
        seeds: draws ?? [],
      })),
      {
        width,
        height: options.height ?? 230,
        x: {
          domain,
          ticks: options.ticks,
          log: options.log ?? false,
          ...(options.format ? { format: options.format } : {}),
        },
        dots: options.dots ?? false,
        ...(at === panels.length - 1 ? { xTitle: options.xTitle } : {}),
        ...(title ? { title: { text: title, fontSize: SMALL, offset: 8 } } : {}),
      },
    ),
  );
  return { title: heading(options), description: options.description, spacing: 14, vconcat: drawn };
}

/** The mean of several curves with the same x values, point by point. */
export function meanOf(draws: readonly (readonly Point[])[]): Point[] {
  const [first = []] = draws;
  return first.map(({ x }, at) => ({ x, y: mean(draws.map((points) => points[at]!.y)) }));
}
