import { measureNamed } from "../results/measures.ts";
import { type Estimate, estimateName } from "../verdicts/estimates.ts";
import type { Hypothesis, Need, RegisteredArm, Registration } from "../verdicts/registration.ts";
import type { Rule } from "../verdicts/rules.ts";
import { shortNumber } from "./charts/values.ts";
import { escapeMarkdown } from "./markdown.ts";
import { amount } from "./quantities.ts";

/** A registration as Markdown: claim, what was reported, measures, hypotheses with their rules, intervals and seeds. */
export function registrationText(registration: Registration): string {
  const { claim, reported, hypotheses, interval, seeds, registered } = registration;
  const measures = new Set(hypotheses.flatMap(({ estimates }) => estimates.map(({ metric }) => metric)));
  const definitions = [...measures].map(measureNamed).map(({ name, definition }) => `${name}: ${definition}`);
  const presets = Object.entries(seeds.test).map(([preset, list]) => `${preset} ${list.join(", ")}`);
  return [
    `**Claim.** ${escapeMarkdown(claim)}`,
    `**Reported.**\n\n${list(reported.map(({ statement, source }) => escapeMarkdown(`${statement} (${source})`)))}`,
    `**Measures.**\n\n${list(definitions)}`,
    ...hypotheses.map(hypothesisText),
    `**Intervals** are ${100 * interval.level} % by the ${interval.method}: ${interval.outer} outside, ` +
      `${interval.inner} inside, ${interval.draws} draws. With fewer than ${seeds.minimum} seeds nothing is decided.`,
    `**Registered** on ${escapeMarkdown(registered)}. Seeds: ${presets.join("; ")}. ` +
      `Settings were chosen on seeds ${seeds.tuning.join(", ")}, which are never tested.`,
  ].join("\n\n");
}

/** One hypothesis as Markdown: what it says, what is measured, what decides it. */
export function hypothesisText({
  id,
  statement,
  estimates,
  needs,
  rule,
  refutedBy,
  strengthens,
}: Hypothesis): string {
  const rules = new Set(estimates.map(({ metric }) => ruleText(rule, measureNamed(metric).unit)));
  const facts = [
    `*Measured*: ${estimates.map(measuredText).join("; ")}.`,
    `*Rule* (${rule.kind}): ${[...rules].join("; ")}.`,
    ...(strengthens === undefined
      ? []
      : [
          `*Strengthens ${escapeMarkdown(strengthens)}*: supported only if ${escapeMarkdown(strengthens)} is supported too, and never refuted.`,
        ]),
    ...(refutedBy === undefined ? [] : [`*Refuted by*: ${escapeMarkdown(refutedBy)}`]),
    ...(needs.length > 0 ? [`*Tested only if*: ${needs.map(needText).join("; ")}.`] : []),
  ];
  return [
    `- **Hypothesis ${escapeMarkdown(id)}.** ${escapeMarkdown(statement)}`,
    ...facts.map((fact) => `  - ${fact}`),
  ].join("\n");
}

/** The arms and scorers of a registration by name, with what each is. */
export function armRows({ arms }: Pick<Registration, "arms">): { arm: string; "what it is": string }[] {
  return arms.map(({ label, description = "" }: RegisteredArm) => ({
    arm: label.name,
    "what it is": description,
  }));
}

/** A rule in words, with the unit of what is measured. */
export function ruleText(rule: Rule, unit: string): string {
  const { satisfying, contradicting } = sides(rule, unit);
  return `supported if every interval is ${satisfying}, refuted if one is ${contradicting}, otherwise not shown`;
}

/** Where an interval lies that satisfies a rule, and where one lies that contradicts it. */
export function sides(rule: Rule, unit: string): { satisfying: string; contradicting: string } {
  switch (rule.kind) {
    case "superiority":
    case "ordering":
      return { satisfying: "above zero", contradicting: "below zero" };
    case "equivalence": {
      const margin = `± ${amount(rule.margin, unit)}`;
      return { satisfying: `within ${margin}`, contradicting: `outside ${margin}` };
    }
    case "non-inferiority": {
      const margin = `−${amount(rule.margin, unit)}`;
      return { satisfying: `above ${margin}`, contradicting: `below ${margin}` };
    }
    case "bound": {
      const value = shortNumber(rule.value);
      return rule.side === "at most"
        ? { satisfying: `at most ${value}`, contradicting: `above ${value}` }
        : { satisfying: `at least ${value}`, contradicting: `below ${value}` };
    }
  }
}

/** A need in words, in Markdown. */
export function needText(need: Need): string {
  const { name, unit } = measureNamed(need.metric);
  return "treatment" in need
    ? `${escapeMarkdown(need.treatment.name)} above ${escapeMarkdown(need.control.name)} in ${name}`
    : `${escapeMarkdown(need.label.name)} ${need.side} ${amount(need.bound, unit)} in ${name}`;
}

const measuredText = (estimate: Estimate) =>
  `${escapeMarkdown(estimateName(estimate))} in ${measureNamed(estimate.metric).name}`;

const list = (items: readonly string[]) => items.map((item) => `- ${item}`).join("\n");
