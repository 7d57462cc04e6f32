import type { Chapter } from "../src/experiments/verdicts/chapters.ts";
import { judge } from "../src/verdicts/judge.ts";
import { readRegistration } from "../src/verdicts/read-registration.ts";
import type { Hypothesis } from "../src/verdicts/registration.ts";
import { armResult, scorerResult, seedResult } from "./seed-results.ts";

/**
 * A chapter of a registration with hand-made results on its first `seeds` seeds: an arm's win rate is what `rateOf` says of its id
 * plus a little that depends on the seed, and a scorer's accuracy likewise.
 */
export function handMadeChapter(
  id: string,
  seeds: number,
  rateOf: (id: string) => number = () => 0.5,
): Chapter {
  const registration = readRegistration(id);
  const test = (registration.seeds.test.laptop ?? []).slice(0, seeds);
  const results = test.map((seed, at) => {
    const of = (label: { id: string }) => rateOf(label.id) + 0.001 * ((at * 7 + label.id.length) % 5);
    return seedResult(seed, {
      arms: registration.arms
        .filter(({ roles }) => roles.includes("arm"))
        .map(({ label }, index) => ({
          ...armResult(label, of(label)),
          kl: 0.1 * index,
          entropy: 2 - 0.01 * index,
          forwardPasses: 100 * index,
          malformedSampled: 0.1,
        })),
      scorers: registration.arms
        .filter(({ roles }) => roles.includes("scorer"))
        .map(({ label }) => scorerResult(label, of(label))),
    });
  });
  return { registration, results, findings: judge(registration, results, { preset: "laptop" }) };
}

/** The registrations of the main claim and H1 to H6. */
export const primaryRegistrations = [
  "01-best-epochs",
  "03-label-sources",
  "04-explicit-kl",
  "05-more-prompts",
  "06-pair-width",
  "07-reward-model-ladder",
  "08-verifier-knobs",
] as const;

/** A hypothesis of a chapter. */
export function hypothesisIn({ registration }: Chapter, id: string): Hypothesis {
  const found = registration.hypotheses.find((one) => one.id === id);
  if (found === undefined) throw new Error(`${registration.id} has no hypothesis ${id}.`);
  return found;
}
