import { sortByLabel, styleOf } from "../../results/labels.ts";
import type { VegaLiteSpec } from "../theme.ts";
import { forest, type Reference } from "./forest.ts";
import type { Titles } from "./titles.ts";
import { decimals, requireNumbers, requireRows } from "./values.ts";

/** One seed's win rate of one arm, from 0 to 1. */
export interface ArmValue {
  readonly arm: string;
  readonly seed: number;
  readonly value: number;
}

/** An arm's mean over seeds and its interval, from 0 to 1. */
export interface ArmInterval {
  readonly arm: string;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface WinRateOptions extends Titles {
  /** The horizontal axis, by default "Win rate against the reference, %". */
  readonly axisTitle?: string;
  /** Also draw a line at the mean of the arm `sft`. */
  readonly sftReference?: boolean;
}

/**
 * Win rate per arm: the mean as a dot on its 95 % interval, every seed as a ring, and a line where policy and
 * reference tie. Rows come in the arms' own order. Throws where an arm of `rows` has no interval or a number
 * is missing.
 */
export function winRateChart(
  rows: readonly ArmValue[],
  intervals: readonly ArmInterval[],
  options: WinRateOptions = {},
): VegaLiteSpec {
  const name = "winRateChart";
  requireRows(name, "intervals", intervals);
  requireNumbers(name, intervals, ["mean", "low", "high"]);
  requireNumbers(name, rows, ["seed", "value"]);
  const byArm = new Map(intervals.map((interval) => [interval.arm, interval]));
  const orphan = rows.find((row) => !byArm.has(row.arm));
  if (orphan)
    throw new Error(
      `${name}: arm "${orphan.arm}" has seeds in \`rows\` but no entry in \`intervals\`; add one.`,
    );

  const shown = sortByLabel(byArm.keys()).map((arm) => {
    const { mean, low, high } = byArm.get(arm)!;
    const style = styleOf(arm);
    return {
      name: [style.name],
      note: `${decimals(100 * mean, 1)} [${decimals(100 * low, 1)}, ${decimals(100 * high, 1)}]`,
      colour: style.colour,
      mean: 100 * mean,
      low: 100 * low,
      high: 100 * high,
      points: rows.filter((row) => row.arm === arm).map((row) => 100 * row.value),
    };
  });
  const references: Reference[] = [{ value: 50, label: "tie, 50" }];
  const sft = byArm.get("sft");
  if (options.sftReference && sft) references.push({ value: 100 * sft.mean, label: "SFT" });
  const title = options.title ?? "Win rate of each arm";
  return forest(shown, {
    title,
    subtitle: options.subtitle ?? "Dot and bar: mean and 95% interval. Rings: single seeds.",
    axisTitle: options.axisTitle ?? "Win rate against the reference, %",
    references,
    description: `Win rate in percent, mean and 95% interval: ${shown.map((row) => `${row.name[0]} ${row.note}`).join("; ")}.`,
  });
}
