import type { SeedResult } from "../experiments/experiment.ts";
import type { Estimate, Registration } from "../experiments/registrations.ts";
import { type Estimated, estimated, estimateName } from "./estimates.ts";
import { measureNamed } from "./measures.ts";
import { intervalSentence } from "./sentences.ts";

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
