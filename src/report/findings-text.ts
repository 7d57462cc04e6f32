import { measureNamed } from "../results/measures.ts";
import { type Estimated, estimateName } from "../verdicts/estimates.ts";
import type { Finding } from "../verdicts/finding.ts";
import type { UnmetNeed } from "../verdicts/needs.ts";
import { contradicts, satisfies } from "../verdicts/rules.ts";
import { estimateSentence, noOverlapOn, noResultsOf } from "./estimate-text.ts";
import { escapeMarkdown } from "./markdown.ts";
import { amount, pText } from "./quantities.ts";
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
  const { estimates, unmet, registration, hypothesis, level, seal } = finding;
  const sealed = sealSentences(finding).map(escapeMarkdown);
  if (seal?.kind === "broken") return sealed;
  return [
    ...estimates.map((one) => estimateSentence(one, level, hypothesis.rule)),
    ...unmet.map((one) => unmetSentence(one, registration.interval.level)),
    verdictSentence(finding),
    ...seedsSentence(finding),
    ...testSentences(finding),
    ...sealed,
  ];
}

function unmetSentence({ need, measured }: UnmetNeed, level: number): string {
  const text = `The test needs ${needText(need)}`;
  return typeof measured === "number"
    ? `${text}, which is at ${amount(measured, measureNamed(need.metric).unit)}.`
    : `${text}: ${estimateSentence(measured, level)}`;
}

/**
 * The verdict and what decided it, for example "Refuted: the interval is below zero for SFT − DPO."; of a test also what it
 * says of the paper's claim, the p-value and the power: "Supported, for the paper: the interval is above zero; Holm-adjusted
 * p = .004, power for 3 points 87%."
 */
export function verdictSentence(finding: Finding): string {
  const sentence = decisionSentence(finding);
  const { test, stance } = finding;
  if (test === undefined) return sentence;
  const said =
    stance === "for" || stance === "against" ? sentence.replace(":", `, ${stance} the paper:`) : sentence;
  const numbers = testNumbers(finding);
  return numbers === "" ? said : `${said.slice(0, -1)}; ${numbers}.`;
}

/** The p-value and the power of a test that was made: "Holm-adjusted p = .004, power for 3 points 87%"; else empty. */
export function testNumbers({ adjustedP, power, test, hypothesis }: Finding): string {
  if (adjustedP === undefined || power === undefined || test === undefined) return "";
  const { rule, smallestEffect = 0, estimates } = hypothesis;
  const [first] = estimates;
  const effect =
    rule.kind === "superiority" && first !== undefined
      ? amount(smallestEffect, measureNamed(first.metric).unit)
      : "no difference";
  const percent = power > 0.99 ? "above 99%" : `${Math.round(100 * power)}%`;
  return `${test.family > 1 ? "Holm-adjusted " : ""}${pText(adjustedP)}, power for ${effect} ${percent}`;
}

/** A verdict in words: "Supported, for the paper", "No verdict yet", "Seal broken". */
export function verdictWords(finding: Finding): string {
  const { status, stance, seal } = finding;
  if (seal?.kind === "broken") return "Seal broken";
  if (status === "incomplete") return "No verdict yet";
  const word = status.charAt(0).toUpperCase() + status.slice(1);
  return stance === "for" || stance === "against" ? `${word}, ${stance} the paper` : word;
}

/**
 * What to mind when reading a verdict, as sentences of Markdown: why it is uninformative, needs that are not met, grids that are
 * too short, seeds that were not registered, and what its seal says.
 */
export function remarks(finding: Finding): string[] {
  const { status, unmet, registration } = finding;
  return [
    ...(status === "uninformative" ? [decisionSentence(finding)] : []),
    ...unmet.map((one) => unmetSentence(one, registration.interval.level)),
    ...seedsSentence(finding),
    ...testSentences(finding),
    ...sealSentences(finding).map(escapeMarkdown),
  ];
}

/** What to mind when reading a test: grids that are too short, and p-values that are not known yet. */
function testSentences({ test, status }: Finding): string[] {
  if (test === undefined) return [];
  const { edges, pending } = test;
  const names = pending.map(({ registration, hypothesis }) => `${registration} ${hypothesis}`);
  return [
    ...edges.map(
      ({ best, times, seeds }) =>
        `The grid of ${escapeMarkdown(best.name)} is too short: an end was chosen on ${times} of ${seeds} seeds.`,
    ),
    ...(names.length > 0 && status !== "incomplete"
      ? [
          `Primary hypotheses that have no verdict yet count as undecided: ${escapeMarkdown(names.join(", "))}.`,
        ]
      : []),
  ];
}

function decisionSentence(finding: Finding): string {
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
    case "incomplete":
      return incompleteSentence(finding);
    case "uninformative": {
      if (missing.length > 0) return `Uninformative: there are ${noResultsOf(missing)}.`;
      const [estimate] = hypothesis.estimates;
      const apart = finding.test?.withoutOverlap ?? [];
      if (apart.length > 0 && estimate !== undefined)
        return `Uninformative: ${noOverlapOn(apart, estimate)}.`;
      const { minimum = 0 } = registration.seeds;
      if (seeds.length < minimum)
        return `Uninformative: the rule needs at least ${minimum} seeds and this run has ${seeds.length}.`;
      return unmet.length > 0 || strengthened === undefined
        ? "Uninformative: not everything that the test needs is given."
        : `Uninformative: ${escapeMarkdown(strengthened.hypothesis.id)} is uninformative.`;
    }
  }
}

/** Why nothing is decided on these seeds: "No verdict yet: 3 of the 20 registered seeds have been run." */
export function incompleteSentence({ registration, seeds, test }: Finding): string {
  const preset = test?.preset ?? "laptop";
  if (preset === "smoke") return "No verdict at smoke.";
  const registered = registration.seeds.test[preset] ?? [];
  const other = seeds.filter((seed) => !registered.includes(seed));
  if (other.length > 0)
    return `No verdict: ${other.length === 1 ? `seed ${other[0]} is` : `seeds ${other.join(", ")} are`} not registered for the preset ${preset}.`;
  return `No verdict yet: ${seeds.length} of the ${registered.length} registered seeds have been run.`;
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
function seedsSentence({ registration, seeds, test }: Finding): string[] {
  if (test !== undefined) return [];
  const sorted = (list: readonly number[]) => [...list].sort((a, b) => a - b).join(", ");
  const used = sorted(seeds);
  if (Object.values(registration.seeds.test).map(sorted).includes(used)) return [];
  return [`Exploratory: the seeds (${used}) are not those registered for any preset.`];
}
