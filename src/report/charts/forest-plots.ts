import { arms, type Difference, type Label, sameLabel, variant } from "../../results/labels.ts";
import { measureNamed } from "../../results/measures.ts";
import { type Estimate, type Estimated, estimateLabels, estimateName } from "../../verdicts/estimates.ts";
import type { VegaLiteSpec } from "../theme.ts";
import { forest, type Reference } from "./forest.ts";
import type { Titles } from "./titles.ts";
import { decimals, groupByLabel, requireNumbers, requireRows } from "./values.ts";

/* Charts of means with their intervals, one per row. */

/** One seed's win rate of one arm, from 0 to 1. */
export interface ArmValue {
  readonly arm: Label;
  readonly seed: number;
  readonly value: number;
}

/** An arm's mean win rate over seeds and its interval, from 0 to 1. */
export interface ArmInterval {
  readonly arm: Label;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Options of `winRateChart`. */
export interface WinRateOptions extends Titles {
  /** Title of the horizontal axis, by default "Win rate against the reference, %". */
  readonly axisTitle?: string;
  /** Also draws a line at the mean of the SFT policy. */
  readonly sftReference?: boolean;
}

/**
 * Win rate per arm, in display order: mean with 95 % interval, every seed as a ring, and a line at 50 %. Throws if an
 * arm of `rows` has no interval or a number is missing.
 */
export function winRateChart(
  rows: readonly ArmValue[],
  intervals: readonly ArmInterval[],
  options: WinRateOptions = {},
): VegaLiteSpec {
  const chart = "winRateChart";
  requireRows(chart, "intervals", intervals);
  requireNumbers(chart, intervals, ["mean", "low", "high"]);
  requireNumbers(chart, rows, ["seed", "value"]);
  const intervalOf = (label: Label) => intervals.find(({ arm }) => sameLabel(arm, label));
  const orphan = rows.find(({ arm }) => intervalOf(arm) === undefined);
  if (orphan)
    throw new Error(
      `${chart}: arm "${orphan.arm.name}" has seeds in \`rows\` but no entry in \`intervals\`; add one.`,
    );

  const shown = groupByLabel(intervals, ({ arm }) => arm)
    .flatMap(([, own]) => own)
    .map(({ arm, mean, low, high }) => ({
      name: [arm.name],
      note: `${decimals(100 * mean, 1)} [${decimals(100 * low, 1)}, ${decimals(100 * high, 1)}]`,
      colour: arm.colour,
      mean: 100 * mean,
      low: 100 * low,
      high: 100 * high,
      points: rows.filter((row) => sameLabel(row.arm, arm)).map(({ value }) => 100 * value),
    }));
  const references: Reference[] = [{ value: 50, label: "tie, 50" }];
  const sft = intervalOf(arms.sft);
  if (options.sftReference && sft) references.push({ value: 100 * sft.mean, label: "SFT" });
  return forest(shown, {
    title: options.title ?? "Win rate of each arm",
    subtitle: options.subtitle ?? "Dot and bar: mean and 95% interval. Rings: single seeds.",
    axisTitle: options.axisTitle ?? "Win rate against the reference, %",
    references,
    description: `Win rate in percent, mean and 95% interval: ${shown.map(({ name, note }) => `${name.join(" ")} ${note}`).join("; ")}.`,
  });
}

/** Options of `estimatesChart`. */
export interface EstimatesOptions extends Titles {
  readonly axisTitle?: string;
  /** Draws the margin of an equivalence on both sides of zero, in the metric's own unit. */
  readonly margin?: number;
}

/**
 * Estimates of one unit as a forest plot: mean with 95 % interval, every seed as a ring, and a line at zero. Throws if
 * there are none, a number is missing, or their units differ.
 */
export function estimatesChart(
  estimates: readonly Estimated[],
  { margin, ...options }: EstimatesOptions = {},
): VegaLiteSpec {
  const chart = "estimatesChart";
  requireRows(chart, "estimates", estimates);
  requireNumbers(chart, estimates, ["mean", "low", "high"]);
  const [first] = estimates;
  const { name, unit } = measureNamed(first.estimate.metric);
  const measures = estimates.map(({ estimate }) => measureNamed(estimate.metric));
  const other = measures.find((measure) => measure.unit !== unit);
  if (other)
    throw new Error(`${chart}: ${name} and ${other.name} have different units; draw them in two charts.`);

  const [factor, digits] = unit === "share" ? [100, 1] : [1, 2];
  const number = (value: number) => decimals(factor * value, digits, true);
  const rows = estimates.map(({ estimate, mean, low, high, values }) => ({
    estimate,
    name: nameLines(estimate),
    note: `${number(mean)} [${number(low)}, ${number(high)}]`,
    colour: colourOf(estimate),
    mean: factor * mean,
    low: factor * low,
    high: factor * high,
    points: values.map(({ value }) => factor * value),
  }));
  const names = [...new Set(measures.map((measure) => measure.name))].join(", ");
  const axisTitle = options.axisTitle ?? `Difference in ${names}${unit === "share" ? ", points" : ""}`;
  const ends = margin === undefined ? [] : [-margin, margin];
  return forest(rows, {
    title: options.title ?? "Paired differences",
    subtitle: options.subtitle ?? "Within seeds. Dot and bar: mean and 95% interval. Rings: single seeds.",
    axisTitle,
    references: [
      { value: 0, label: "no difference", strong: true },
      ...ends.map((end) => ({ value: factor * end, label: `margin ${number(end)}` })),
    ],
    description: `${axisTitle}, mean and 95% interval: ${rows
      .map(({ estimate, note }) => `${estimateName(estimate)} ${note}`)
      .join("; ")}.`,
  });
}

/** An estimate's name in lines. */
function nameLines(estimate: Estimate): string[] {
  if ("name" in estimate) return [estimate.name];
  const { treatment, control, less } = estimate;
  const lines = [treatment.name, `− ${control.name}`];
  if (less === undefined) return lines;
  const how = variantBetween(estimate, less);
  return [
    ...lines,
    how === undefined ? `− (${less.treatment.name} − ${less.control.name})` : `− the same, ${how}`,
  ];
}

/** How both arms of `less` are variants of the arms of `difference`; undefined if they are not. */
function variantBetween(difference: Difference, less: Difference): string | undefined {
  const known = difference.treatment.variant;
  const start = known === undefined ? "" : `${known}, `;
  const { variant: full } = less.treatment;
  if (full === undefined || !full.startsWith(start)) return undefined;
  const how = full.slice(start.length);
  const isVariant = (base: Label, label: Label) => sameLabel(variant(base, how), label);
  return isVariant(difference.treatment, less.treatment) && isVariant(difference.control, less.control)
    ? how
    : undefined;
}

function colourOf(estimate: Estimate): string {
  const [label] = estimateLabels(estimate);
  if (label === undefined) throw new Error(`The estimate "${estimateName(estimate)}" compares nothing.`);
  return label.colour;
}
