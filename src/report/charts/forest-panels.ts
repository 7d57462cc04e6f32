import { atBothWidths, type Layout } from "../layout.ts";
import { INK, QUIET, SMALL, textWidth, type VegaLiteSpec } from "../theme.ts";
import { meanDot, rowPlaces, valueAxis } from "./rows.ts";
import { heading, type Titles } from "./titles.ts";
import { decimals, groupBy, niceScale, requireNumbers, requireRows, tooltip } from "./values.ts";

/** One estimate with its interval, in its unit. */
export interface PanelRow {
  /** What the rows of one panel have in common, the title of its axis. */
  readonly unit: string;
  readonly name: string;
  readonly colour: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly digits: number;
}

const ROW = 19;

/** Many estimates as a compact forest plot, with one panel and axis for each unit, and a line at zero. */
export function forestPanels(
  rows: readonly PanelRow[],
  titles: Titles & { readonly title: string },
): VegaLiteSpec {
  const chart = "forestPanels";
  requireRows(chart, "rows", rows);
  requireNumbers(chart, rows, ["mean", "low", "high"]);
  return atBothWidths((layout) => drawPanels(rows, titles, layout));
}

function drawPanels(rows: readonly PanelRow[], titles: Titles, layout: Layout): VegaLiteSpec {
  const note = ({ mean, low, high, digits }: PanelRow) =>
    `${decimals(mean, digits, true)} [${decimals(low, digits, true)}, ${decimals(high, digits, true)}]`;
  const left = Math.ceil(Math.max(...rows.map(({ name }) => textWidth(name, SMALL)))) + 10;
  const right = layout.narrow
    ? 10
    : Math.ceil(Math.max(...rows.map((row) => textWidth(note(row), SMALL)))) + 10;
  const width = layout.width - left - right;
  const panels = [...groupBy(rows, ({ unit }) => unit)].map(([unit, own]) => {
    const { domain, ticks } = niceScale([0, ...own.flatMap(({ low, high }) => [low, high])], 4);
    const data = { values: own.map((row, y) => ({ ...row, y, note: note(row) })) };
    const x = { type: "quantitative", scale: { domain, nice: false, zero: false } };
    const y = rowPlaces(own.length);
    const color = { field: "colour", type: "nominal", scale: null };
    const shown = tooltip({ mean: "mean", low: "low", high: "high" });
    const text = (align: string, at: number, field: string, fill: string) => ({
      data,
      mark: { type: "text", align, baseline: "middle", fontSize: SMALL, color: fill },
      encoding: { x: { value: at }, y, text: { field, type: "nominal" } },
    });
    return {
      width,
      height: own.length * ROW,
      layer: [
        {
          data: { values: [{ zero: 0 }] },
          mark: { type: "rule", color: INK, strokeWidth: 1.2 },
          encoding: { x: { ...x, field: "zero" } },
        },
        {
          data,
          mark: { type: "rule", strokeWidth: 3, strokeCap: "round" },
          encoding: {
            x: {
              ...x,
              field: "low",
              axis: valueAxis(ticks, unit),
            },
            x2: { field: "high" },
            y,
            color,
            tooltip: shown,
          },
        },
        {
          data,
          mark: meanDot({ size: 55, strokeWidth: 1 }),
          encoding: { x: { ...x, field: "mean" }, y, fill: color, tooltip: shown },
        },
        text("left", -left, "name", INK),
        ...(layout.narrow ? [] : [text("right", width + right, "note", QUIET)]),
      ],
    };
  });
  const described = rows.map((row) => `${row.name} ${note(row)} ${row.unit}`);
  return {
    title: heading(titles, layout),
    description: `Estimates with their intervals: ${described.join("; ")}.`,
    spacing: 18,
    vconcat: panels,
  };
}
