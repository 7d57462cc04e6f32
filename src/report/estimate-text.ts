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
  seedsWithoutOverlap,
} from "../verdicts/estimates.ts";
import { contradicts, type Rule, satisfies, sideOfZero } from "../verdicts/rules.ts";
import { decimals } from "./charts/values.ts";
import { escapeMarkdown } from "./markdown.ts";
import { percentage, signed, unitWord } from "./quantities.ts";
import { sides } from "./registration-text.ts";
import { intervalText } from "./tables.ts";

const POSITIONS = { above: "above zero", below: "below zero", across: "zero is not excluded" };

const escapedName = (estimate: Estimate) => escapeMarkdown(estimateName(estimate));

/** Where an interval lies: beside zero or, for a rule with a margin, beside this. */
function positionText(one: Estimated, rule: Rule | undefined): string {
  if (rule?.kind !== "equivalence" && rule?.kind !== "non-inferiority") return POSITIONS[sideOfZero(one)];
  const { satisfying, contradicting } = sides(rule, measureNamed(one.estimate.metric).unit);
  if (satisfies(rule, one)) return satisfying;
  return contradicts(rule, one) ? contradicting : `not ${satisfying}`;
}

/**
 * An estimate with its interval in a sentence of Markdown: "Online DPO (DPO) − DPO, win rate, greedy decoding: +11.6 points, 95%
 * interval [+9.6, +13.6], 5 seeds: above zero." With a rule that has a margin it ends with the side of the margin.
 */
export function estimateSentence(one: Estimated, level: number, rule?: Rule): string {
  const { name, unit } = measureNamed(one.estimate.metric);
  const number = (value: number) => signed(value, unit);
  const { length } = one.values;
  const head = `${escapedName(one.estimate)}, ${name}: ${number(one.mean)}${unitWord(unit)}`;
  if (length === 1 && one.low === one.high) return `${head}, 1 seed: no interval.`;
  return (
    `${head}, ${percentage(level)} interval [${number(one.low)}, ${number(one.high)}], ` +
    `${length} seed${length === 1 ? "" : "s"}: ${positionText(one, rule)}.`
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
    const absent = (reason: string) => `${escapedName(one)}, ${measureNamed(one.metric).name}: ${reason}.`;
    if (missing.length > 0) return absent(noResultsOf(missing));
    const apart = seedsWithoutOverlap(results, one);
    if (apart.length > 0) return absent(noOverlapOn(apart, one));
    return estimateSentence(estimated(results, one, interval), interval.level);
  };
  return estimates.map((one) => `- ${sentence(one)}`).join("\n");
}

/** "no results of DPO, Online DPO (DPO)", in Markdown. */
export function noResultsOf(labels: readonly Label[]): string {
  return `no results of ${[...new Set(labels.map(({ name }) => escapeMarkdown(name)))].join(", ")}`;
}

/** "no overlap in KL from the reference on seeds 203, 204": why two curves cannot be compared. */
export function noOverlapOn(seeds: readonly number[], estimate: Estimate): string {
  const measure = "atEqual" in estimate ? estimate.atEqual : estimate.metric;
  return `no overlap in ${measureNamed(measure).name} on seed${seeds.length === 1 ? "" : "s"} ${seeds.join(", ")}`;
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

/** An estimate with its interval and unit, short: "+8.1 [+5.6, +10.6] points". A level other than 95% is added. */
export function numberText(one: Estimated, level = 0.95): string {
  const { unit } = measureNamed(one.estimate.metric);
  const other = percentage(level) === "95%" ? "" : ` (${percentage(level)} interval)`;
  return `${signedInterval(one, unit)}${unitWord(unit)}${other}`;
}

/**
 * The same with its name, in Markdown: "Online DPO (DPO) − DPO, win rate, greedy decoding: +8.1 [+5.6, +10.6] points".
 */
export function estimateText(one: Estimated, level = 0.95): string {
  return `${escapedName(one.estimate)}, ${measureNamed(one.estimate.metric).name}: ${numberText(one, level)}`;
}
