import type { Interval } from "../evaluation/statistics.ts";
import type { SeedResult } from "../results/collect.ts";
import type { Label } from "../results/labels.ts";
import { measureNamed, missingLabels } from "../results/measures.ts";
import {
  type Estimate,
  type Estimated,
  estimated,
  estimateLabels,
  estimateName,
  type IntervalOptions,
  isMeasured,
} from "../verdicts/estimates.ts";
import { sideOfZero } from "../verdicts/rules.ts";
import { decimals } from "./charts/values.ts";
import { escapeMarkdown } from "./markdown.ts";
import { signed, unitWord } from "./quantities.ts";
import { intervalText } from "./tables.ts";

const POSITIONS = { above: "above zero", below: "below zero", across: "zero is not excluded" };

const escapedName = (estimate: Estimate) => escapeMarkdown(estimateName(estimate));

/**
 * An estimate with its interval in a sentence of Markdown: "Online DPO (DPO) − DPO, win rate, greedy decoding: +11.6 points, 95%
 * interval [+9.6, +13.6], 5 seeds: above zero."
 */
export function estimateSentence(one: Estimated, level: number): string {
  const { name, unit } = measureNamed(one.estimate.metric);
  const number = (value: number) => signed(value, unit);
  const { length } = one.values;
  return (
    `${escapedName(one.estimate)}, ${name}: ${number(one.mean)}${unitWord(unit)}, ` +
    `${Math.round(level * 1000) / 10}% interval [${number(one.low)}, ${number(one.high)}], ` +
    `${length} seed${length === 1 ? "" : "s"}: ${POSITIONS[sideOfZero(one)]}.`
  );
}

/** Estimates that no rule decides by, as a Markdown list. */
export function estimatesText(
  results: readonly SeedResult[],
  estimates: readonly Estimate[],
  interval: IntervalOptions,
): string {
  const sentence = (one: Estimate) => {
    const missing = missingLabels(results, estimateLabels(one));
    return missing.length > 0
      ? `${escapedName(one)}, ${measureNamed(one.metric).name}: ${noResultsOf(missing)}.`
      : estimateSentence(estimated(results, one, interval), interval.level);
  };
  return estimates.map((one) => `- ${sentence(one)}`).join("\n");
}

/** "no results of DPO, Online DPO (DPO)", in Markdown. */
export function noResultsOf(labels: readonly Label[]): string {
  return `no results of ${[...new Set(labels.map(({ name }) => escapeMarkdown(name)))].join(", ")}`;
}

/** An estimate with its interval for a table, for example "+5.1 [2.0, 8.2]"; shares in points. "–" if an arm or scorer is missing. */
export function estimateCell(
  results: readonly SeedResult[],
  estimate: Estimate,
  interval: IntervalOptions,
): string {
  if (!isMeasured(results, estimate)) return "–";
  const { mean, low, high } = estimated(results, estimate, interval);
  const [factor, digits] = measureNamed(estimate.metric).unit === "share" ? [100, 1] : [1, 3];
  return `${decimals(factor * mean, digits, true)} ${intervalText(factor * low, factor * high, digits)}`;
}

/** An estimate with its interval, all with signs: "+5.1 [+2.0, +8.2]"; shares in points. */
export function signedInterval({ mean, low, high }: Interval, unit: string): string {
  return `${signed(mean, unit)} [${signed(low, unit)}, ${signed(high, unit)}]`;
}

/** An estimate with its interval in Markdown, short: "Online DPO (DPO) − DPO, win rate, greedy decoding: +8.1 [+5.6, +10.6] points". */
export function estimateText(one: Estimated): string {
  const { name, unit } = measureNamed(one.estimate.metric);
  return `${escapedName(one.estimate)}, ${name}: ${signedInterval(one, unit)}${unitWord(unit)}`;
}
