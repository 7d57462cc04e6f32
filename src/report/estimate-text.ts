import type { SeedResult } from "../results/collect.ts";
import { measureNamed } from "../results/measures.ts";
import { type Estimated, estimated, estimateName } from "../verdicts/estimates.ts";
import type { Estimate, Registration } from "../verdicts/registration.ts";
import { decimals } from "./charts/values.ts";
import { intervalSentence } from "./sentences.ts";
import { intervalText } from "./tables.ts";

/** An estimate with its interval in a sentence. */
export function estimateSentence(one: Estimated, level: number): string {
  return intervalSentence(estimateName(one.estimate), one, measureNamed(one.estimate.metric), level);
}

/** Estimates from the results that no rule asks for, in a Markdown list. */
export function estimatesText(
  results: readonly SeedResult[],
  estimates: readonly Estimate[],
  interval: Registration["interval"],
): string {
  return estimates
    .map((one) => `- ${estimateSentence(estimated(results, one, interval), interval.level)}`)
    .join("\n");
}

/** An estimate with its interval as a table shows it, "+5.1 [2.0, 8.2]", shares in points. */
export function estimateCell(
  results: readonly SeedResult[],
  estimate: Estimate,
  interval: Registration["interval"],
): string {
  const { mean, low, high } = estimated(results, estimate, interval);
  const [factor, digits] = measureNamed(estimate.metric).unit === "share" ? [100, 1] : [1, 3];
  return `${decimals(factor * mean, digits, true)} ${intervalText(factor * low, factor * high, digits)}`;
}
