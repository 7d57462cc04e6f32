import { contrastArms, contrastName, styleOf } from "../../results/labels.ts";
import type { VegaLiteSpec } from "../theme.ts";
import { forest } from "./forest.ts";
import type { Titles } from "./titles.ts";
import { decimals, requireNumbers, requireRows } from "./values.ts";

/** One seed's paired difference; `contrast` is an id as `contrastId` makes it. */
export interface ContrastValue {
  readonly contrast: string;
  readonly seed: number;
  readonly value: number;
}

export interface ContrastInterval {
  readonly id: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface PairedDifferencesOptions extends Titles {
  /** "points" (the default) shows differences of rates, given from -1 to 1, in percentage points. */
  readonly unit?: "points" | "reward";
  readonly axisTitle?: string;
}

/**
 * Paired differences between arms as a forest plot with a line at zero and every seed as a ring, in the order
 * of `intervals`. Throws where a contrast of `rows` has no interval or a number is missing.
 */
export function pairedDifferencesChart(
  rows: readonly ContrastValue[],
  intervals: readonly ContrastInterval[],
  options: PairedDifferencesOptions = {},
): VegaLiteSpec {
  const chart = "pairedDifferencesChart";
  requireRows(chart, "intervals", intervals);
  requireNumbers(chart, intervals, ["mean", "low", "high"]);
  requireNumbers(chart, rows, ["seed", "value"]);
  const orphan = rows.find((row) => !intervals.some(({ id }) => id === row.contrast));
  if (orphan)
    throw new Error(
      `${chart}: contrast "${orphan.contrast}" has seeds in \`rows\` but no entry in \`intervals\`; add one.`,
    );

  const points = (options.unit ?? "points") === "points";
  const [factor, digits] = points ? [100, 1] : [1, 2];
  const number = (value: number) => decimals(factor * value, digits, true);
  const shown = intervals.map(({ id, mean, low, high }) => {
    const { treatment, control } = contrastArms(id);
    const style = styleOf(treatment);
    return {
      name: control === undefined ? [style.name] : [style.name, `− ${styleOf(control).name}`],
      note: `${number(mean)} [${number(low)}, ${number(high)}]`,
      colour: style.colour,
      mean: factor * mean,
      low: factor * low,
      high: factor * high,
      points: rows.filter((row) => row.contrast === id).map((row) => factor * row.value),
    };
  });
  const what = points ? "Difference in win rate, percentage points" : "Difference in gold reward";
  return forest(shown, {
    title: options.title ?? "Paired differences between arms",
    subtitle: options.subtitle ?? "Within seeds. Dot and bar: mean and 95% interval. Rings: single seeds.",
    axisTitle: options.axisTitle ?? what,
    references: [{ value: 0, label: "no difference", strong: true }],
    description: `${options.axisTitle ?? what}, mean and 95% interval: ${shown
      .map((row, index) => `${contrastName(intervals[index]!.id)} ${row.note}`)
      .join("; ")}.`,
  });
}
