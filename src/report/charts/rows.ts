import { PAPER } from "../theme.ts";

/* What charts share that have a mean and its interval in each row, on an axis below. */

/** The vertical place of rows, from 0 at the top, by the field `y`. */
export const rowPlaces = (count: number) => ({
  field: "y",
  type: "quantitative",
  scale: { domain: [count - 0.5, -0.5], nice: false },
  axis: null,
});

/** The axis of the values: labels at the ticks with a true minus sign, no lines. */
export const valueAxis = (ticks: readonly number[], title: string | readonly string[]) => ({
  values: ticks,
  tickCount: ticks.length,
  ticks: false,
  labelExpr: "replace(datum.label, '-', '−')",
  title,
  titleAnchor: "start",
});

/** The mark of a mean: a dot with a rim. */
export const meanDot = ({ size = 120, strokeWidth = 1.5 } = {}) => ({
  type: "point",
  shape: "circle",
  size,
  filled: true,
  opacity: 1,
  stroke: PAPER,
  strokeWidth,
});
