import type { Layout } from "../layout.ts";
import type { VegaLiteSpec } from "../theme.ts";
import { legendPanel } from "./legend.ts";
import { horizontalAxis, labelWidth, linePanel, type PanelOptions, type Series, Y_AXIS } from "./lines.ts";
import { heading, type Titles } from "./titles.ts";

/** A panel of `lineFigure`. */
export interface FigurePanel {
  readonly series: readonly Series[];
  readonly options: Omit<PanelOptions, "width" | "named">;
}

/** Panels of curves below one another, which share their names and the place of their axes. */
export function lineFigure(
  layout: Layout,
  panels: readonly FigurePanel[],
  text: Titles & { readonly description: string },
): VegaLiteSpec {
  const all = panels.flatMap(({ series }) => series);
  const width = panelWidth(
    layout,
    all.map(({ name }) => name),
  );
  const drawn = panels.map(({ series, options }) =>
    linePanel(series, { ...options, width, named: !layout.narrow }),
  );
  const [only, ...others] = drawn;
  const top = { title: heading(text, layout), description: text.description };
  if (only !== undefined && others.length === 0 && !layout.narrow) return { ...top, ...only };
  const legend = layout.narrow ? [legendPanel(all, width)] : [];
  return { ...top, spacing: 14, bounds: "full", vconcat: [...legend, ...drawn] };
}

/** The width of a panel of named series, and its horizontal axis over these points. */
export function panelAxis(
  layout: Layout,
  series: readonly Pick<Series, "name">[],
  points: readonly { readonly x: number }[],
  log: boolean,
) {
  const width = panelWidth(
    layout,
    series.map(({ name }) => name),
  );
  const xs = points.map(({ x }) => x);
  return { width, axis: horizontalAxis(xs, log, width) };
}

/** The width of panels that have these names at their right, or above them in a narrow layout. */
function panelWidth(layout: Layout, names: readonly string[]): number {
  return layout.width - Y_AXIS - (layout.narrow ? 12 : labelWidth(names));
}
