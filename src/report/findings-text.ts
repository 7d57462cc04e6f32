import { measureNamed } from "../results/measures.ts";
import { type Estimated, estimateName } from "../verdicts/estimates.ts";
import type { Finding, UnmetNeed } from "../verdicts/judge.ts";
import { contradicts, satisfies } from "../verdicts/rules.ts";
import { estimateSentence, noResultsOf } from "./estimate-text.ts";
import { escapeMarkdown } from "./markdown.ts";
import { amount } from "./quantities.ts";
import { needText, sides } from "./registration-text.ts";
import { sealSentences } from "./seal-text.ts";

/** Findings as Markdown: the verdict on each hypothesis, and the numbers that decided it. */
export function findingsText(findings: readonly Finding[]): string {
  return findings
    .map((finding) => {
      const { hypothesis, status, seal } = finding;
      const verdict = seal?.kind === "broken" ? "seal broken" : status;
      const sentences = findingSentences(finding).map((sentence) => `- ${sentence}`);
      const { id, statement } = hypothesis;
      return [`**${escapeMarkdown(id)}: ${verdict}.** ${escapeMarkdown(statement)}\n`, ...sentences].join(
        "\n",
      );
    })
    .join("\n\n");
}

/**
 * A finding in sentences of Markdown: its estimates, unmet needs, the verdict, and whether the seeds were registered. If its
 * seal is broken, only what was changed.
 */
export function findingSentences(finding: Finding): string[] {
  const { estimates, unmet, registration, seal } = finding;
  const sealed = sealSentences(finding).map(escapeMarkdown);
  if (seal?.kind === "broken") return sealed;
  const { level } = registration.interval;
  return [
    ...estimates.map((one) => estimateSentence(one, level)),
    ...unmet.map((one) => unmetSentence(one, level)),
    verdictSentence(finding),
    ...seedsSentence(finding),
    ...sealed,
  ];
}

function unmetSentence({ need, measured }: UnmetNeed, level: number): string {
  const text = `The test needs ${needText(need)}`;
  return typeof measured === "number"
    ? `${text}, which is at ${amount(measured, measureNamed(need.metric).unit)}.`
    : `${text}: ${estimateSentence(measured, level)}`;
}

/** The verdict and what decided it, for example "Refuted: the interval is below zero for SFT − DPO." */
export function verdictSentence(finding: Finding): string {
  const { registration, hypothesis, status, estimates, unmet, missing, strengthened, seeds } = finding;
  const { rule } = hypothesis;
  switch (status) {
    case "supported":
      return `Supported: ${estimates.length === 1 ? "the interval is" : "every interval is"} ${sideText(finding, "satisfying")}.`;
    case "refuted": {
      const refuting = estimates.filter((one) => contradicts(rule, one));
      return `Refuted: ${intervals(refuting)} ${sideText(finding, "contradicting")} for ${names(finding, refuting)}.`;
    }
    case "not shown": {
      const failing = estimates.filter((one) => !satisfies(rule, one));
      return failing.length === 0 && strengthened !== undefined
        ? `Not shown: ${escapeMarkdown(strengthened.hypothesis.id)} is ${strengthened.status}.`
        : `Not shown: ${intervals(failing)} not ${sideText(finding, "satisfying")} for ${names(finding, failing)}.`;
    }
    case "uninformative": {
      if (missing.length > 0) return `Uninformative: there are ${noResultsOf(missing)}.`;
      const { minimum } = registration.seeds;
      if (seeds.length < minimum)
        return `Uninformative: the rule needs at least ${minimum} seeds and this run has ${seeds.length}.`;
      return unmet.length > 0 || strengthened === undefined
        ? "Uninformative: not everything that the test needs is given."
        : `Uninformative: ${escapeMarkdown(strengthened.hypothesis.id)} is uninformative.`;
    }
  }
}

const intervals = ({ length }: readonly Estimated[]) =>
  length === 1 ? "the interval is" : "the intervals are";

/** Where an interval lies, in the unit of each measure of the hypothesis. */
function sideText(
  { hypothesis: { rule, estimates } }: Finding,
  side: keyof ReturnType<typeof sides>,
): string {
  const texts = estimates.map(({ metric }) => sides(rule, measureNamed(metric).unit)[side]);
  return [...new Set(texts)].join(" or ");
}

/** Names of estimates, with their measures if the hypothesis has several. */
function names({ hypothesis: { estimates } }: Finding, chosen: readonly Estimated[]): string {
  const several = new Set(estimates.map(({ metric }) => metric)).size > 1;
  return chosen
    .map(({ estimate }) => {
      const name = escapeMarkdown(estimateName(estimate));
      return several ? `${name} (${measureNamed(estimate.metric).name})` : name;
    })
    .join(" and ");
}

/** Says so if the seeds are not exactly those registered for a preset. */
function seedsSentence({ registration, seeds }: Finding): string[] {
  const sorted = (list: readonly number[]) => [...list].sort((a, b) => a - b).join(", ");
  const used = sorted(seeds);
  if (Object.values(registration.seeds.test).map(sorted).includes(used)) return [];
  return [`Exploratory: the seeds (${used}) are not those registered for any preset.`];
}
