import { CONTENT, SMALL, type VegaLiteSpec } from "../theme.ts";
import { labelWidth, linePanel, type Point, Y_AXIS } from "./lines.ts";
import { heading } from "./titles.ts";
import { mean, requireNumbers, requireRows } from "./values.ts";

/** One named curve, with the single draws that it is the mean of, if it is a mean. */
export interface Curve {
  readonly name: string;
  readonly colour: string;
  /** The same hue for text. */
  readonly ink?: string;
  readonly points: readonly Point[];
  readonly draws?: readonly (readonly Point[])[];
}

/** Curves that share axes. */
export interface CurvesPanel {
  readonly curves: readonly Curve[];
  /** A heading for this panel alone. */
  readonly title?: string;
}

export interface CurvesOptions {
  readonly title: string;
  readonly subtitle: string;
  /** What the figure shows, with its numbers, for those who cannot see it. */
  readonly description: string;
  readonly xTitle: string;
  /** Places on the horizontal axis that are labelled. */
  readonly ticks: readonly number[];
  readonly log?: boolean;
  /** How they are written, by default with SI prefixes. */
  readonly format?: string;
  readonly dots?: boolean;
  readonly height?: number;
}

/** Named curves over one axis, panels below one another. Throws where a curve has no points or one is not finite. */
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

/** The mean of draws that have the same places, point by point. */
export function meanOf(draws: readonly (readonly Point[])[]): Point[] {
  return draws[0]!.map(({ x }, at) => ({ x, y: mean(draws.map((points) => points[at]!.y)) }));
}
