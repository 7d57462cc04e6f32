import { type Style, styleOf } from "../../results/labels.ts";
import { measureNamed, stylesOf } from "../../results/measures.ts";
import { variantId } from "../../results/variants.ts";
import { type Estimated, estimateName } from "../../verdicts/estimates.ts";
import { armsOf, type Estimate } from "../../verdicts/registration.ts";
import type { VegaLiteSpec } from "../theme.ts";
import { forest } from "./forest.ts";
import type { Titles } from "./titles.ts";
import { decimals, requireNumbers, requireRows } from "./values.ts";

export interface EstimatesOptions extends Titles {
  readonly axisTitle?: string;
  /** Draws the margin of an equivalence on both sides of zero, in the metric's own unit. */
  readonly margin?: number;
}

/**
 * Estimates of one unit as a forest plot with a line at zero, every seed as a ring. Throws where there are none, a
 * number is missing, or their units differ.
 */
export function estimatesChart(
  estimates: readonly Estimated[],
  { margin, ...options }: EstimatesOptions = {},
): VegaLiteSpec {
  const chart = "estimatesChart";
  requireRows(chart, "estimates", estimates);
  requireNumbers(chart, estimates, ["mean", "low", "high"]);
  const measures = estimates.map(({ estimate }) => measureNamed(estimate.metric));
  const { name, unit } = measures[0]!;
  const other = measures.find((measure) => measure.unit !== unit);
  if (other)
    throw new Error(`${chart}: ${name} and ${other.name} have different units; draw them in two charts.`);

  const [factor, digits] = unit === "share" ? [100, 1] : [1, 2];
  const number = (value: number) => decimals(factor * value, digits, true);
  const rows = estimates.map(({ estimate, mean, low, high, values }) => ({
    name: namesOf(estimate),
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
      .map(({ note }, index) => `${estimateName(estimates[index]!.estimate)} ${note}`)
      .join("; ")}.`,
  });
}

/** An estimate's name in lines. */
function namesOf(estimate: Estimate): string[] {
  if ("name" in estimate) return [estimate.name];
  const { treatment, control, less, metric } = estimate;
  const named = (id: string) => styleOf(id, stylesOf(metric)).name;
  const lines = [named(treatment), `− ${named(control)}`];
  if (less === undefined) return lines;
  const variant = variantBetween({ treatment, control }, less);
  return [
    ...lines,
    variant ? `− the same, ${variant}` : `− (${named(less.treatment)} − ${named(less.control)})`,
  ];
}

type Difference = { readonly treatment: string; readonly control: string };

/** What makes both arms of one difference variants of the other's, or nothing. */
function variantBetween(of: Difference, less: Difference): string | undefined {
  const variant = less.treatment.slice(variantId(of.treatment, "").length);
  const made = [variantId(of.treatment, variant), variantId(of.control, variant)];
  return variant !== "" && made[0] === less.treatment && made[1] === less.control ? variant : undefined;
}

function colourOf(estimate: Estimate): Style["colour"] {
  const id = armsOf(estimate)[0]!;
  return styleOf(id, stylesOf(estimate.metric)).colour;
}
