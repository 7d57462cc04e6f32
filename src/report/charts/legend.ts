import { INK, PAPER, SMALL, textWidth } from "../theme.ts";
import { type Series, Y_AXIS } from "./lines.ts";

const COLOUR = { field: "colour", type: "nominal", scale: null } as const;
const SWATCH = 22;
const LEGEND_ROW = 20;

/**
 * The names of curves in rows, each after a piece of its line, above a panel of this width whose vertical axis takes
 * `axis` pixels more.
 */
export function legendPanel(
  all: readonly Pick<Series, "name" | "colour" | "dash">[],
  width: number,
  axis = Y_AXIS,
): object {
  const series = [...new Map(all.map((one) => [one.name, one])).values()];
  let [left, row] = [-axis, 0];
  const names = series.map(({ name, colour, dash = [] }) => {
    const size = SWATCH + 6 + Math.ceil(1.1 * textWidth(name, SMALL));
    if (left > -axis && left + size > width) [left, row] = [-axis, row + 1];
    const x = left;
    left += size + 14;
    return {
      ...{ x, end: x + SWATCH, text: x + SWATCH + 6, y: (row + 0.5) * LEGEND_ROW },
      ...{ name, colour, dash },
    };
  });
  const pixels = (field: string) => ({ field, type: "quantitative", scale: null, axis: null });
  return {
    width,
    height: (row + 1) * LEGEND_ROW,
    layer: [
      ...names.map((one) => ({
        data: { values: [one] },
        mark: { type: "rule", strokeWidth: 2.4, strokeDash: one.dash },
        encoding: { x: pixels("x"), x2: { field: "end" }, y: pixels("y"), color: COLOUR },
      })),
      {
        data: { values: names },
        mark: { type: "text", align: "left", baseline: "middle", fontSize: SMALL, color: INK },
        encoding: { x: pixels("text"), y: pixels("y"), text: { field: "name", type: "nominal" } },
      },
    ],
  };
}

/** Text with a rim in the colour of the card, which lines behind it do not cross. */
export function haloed<L extends { readonly mark: object; readonly encoding: object }>(layer: L): object[] {
  const { color: _, ...encoding } = layer.encoding as { color?: unknown };
  const rim = { stroke: PAPER, strokeWidth: 4, color: PAPER, tooltip: null };
  return [{ ...layer, mark: { ...layer.mark, ...rim }, encoding }, layer];
}
