import { measureNamed } from "../results/measures.ts";
import { type Estimated, estimateName } from "../verdicts/estimates.ts";
import type { Finding, UnmetNeed } from "../verdicts/judge.ts";
import { contradicts, satisfies } from "../verdicts/rules.ts";
import { estimateSentence } from "./estimate-text.ts";
import { needText, sides } from "./registration-text.ts";
import { amount } from "./sentences.ts";

/** Findings as Markdown: the verdict on each hypothesis, and the numbers that decided it. */
export function findingsText(findings: readonly Finding[]): string {
  return findings
    .map((finding) => {
      const { hypothesis, status } = finding;
      const sentences = findingSentences(finding).map((sentence) => `- ${sentence}`);
      return [`**${hypothesis.id}: ${status}.** ${hypothesis.statement}\n`, ...sentences].join("\n");
    })
    .join("\n\n");
}

/** A finding in sentences: its estimates, unmet needs, the verdict, and whether the seeds were registered. */
export function findingSentences(finding: Finding): string[] {
  const { estimates, unmet, registration } = finding;
  const { level } = registration.interval;
  return [
    ...estimates.map((one) => estimateSentence(one, level)),
    ...unmet.map((one) => unmetSentence(one, level)),
    verdictSentence(finding),
    ...seedsSentence(finding),
  ];
}

function unmetSentence({ need, measured }: UnmetNeed, level: number): string {
  const text = `The test needs ${needText(need)}`;
  return typeof measured === "number"
    ? `${text}, which is at ${amount(measured, measureNamed(need.metric).unit)}.`
    : `${text}: ${estimateSentence(measured, level)}`;
}

/** The verdict and what decided it, for example "Refuted: the interval of SFT − DPO is below zero." */
export function verdictSentence({
  registration,
  hypothesis,
  status,
  estimates,
  unmet,
  strengthened,
  seeds,
}: Finding): string {
  const { rule } = hypothesis;
  const positions = (side: "satisfying" | "contradicting", chosen: readonly Estimated[]) => {
    const units = new Set(chosen.map(({ estimate }) => measureNamed(estimate.metric).unit));
    return [...units].map((unit) => sides(rule, unit)[side]).join(" or ");
  };
  switch (status) {
    case "supported": {
      const subject = estimates.length === 1 ? "the interval is" : "every interval is";
      return `Supported: ${subject} ${positions("satisfying", estimates)}.`;
    }
    case "refuted": {
      const refuting = estimates.filter((one) => contradicts(rule, one));
      return `Refuted: ${intervalsOf(refuting)} ${positions("contradicting", refuting)}.`;
    }
    case "not shown": {
      const failing = estimates.filter((one) => !satisfies(rule, one));
      return failing.length === 0 && strengthened !== undefined
        ? `Not shown: ${strengthened.hypothesis.id} is ${strengthened.status}.`
        : `Not shown: ${intervalsOf(failing)} not ${positions("satisfying", failing)}.`;
    }
    case "uninformative": {
      const { minimum } = registration.seeds;
      if (seeds.length < minimum)
        return `Uninformative: the rule needs at least ${minimum} seeds and this run has ${seeds.length}.`;
      return unmet.length > 0 || strengthened === undefined
        ? "Uninformative: not everything that the test needs is given."
        : `Uninformative: ${strengthened.hypothesis.id} is uninformative.`;
    }
  }
}

function intervalsOf(estimates: readonly Estimated[]): string {
  const names = estimates.map(({ estimate }) => estimateName(estimate)).join(" and ");
  return estimates.length === 1 ? `the interval of ${names} is` : `the intervals of ${names} are`;
}

/** Says so if the seeds are not exactly those registered for a preset. */
function seedsSentence({ registration, seeds }: Finding): string[] {
  const sorted = (list: readonly number[]) => [...list].sort((a, b) => a - b).join(", ");
  const used = sorted(seeds);
  if (Object.values(registration.seeds.test).map(sorted).includes(used)) return [];
  return [`Exploratory: the seeds (${used}) are not those registered for any preset.`];
}
