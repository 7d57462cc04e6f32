import type { Label } from "../results/labels.ts";
import { measureNamed } from "../results/measures.ts";
import { type Estimate, estimateName } from "../verdicts/estimates.ts";
import type { Hypothesis, Need, Registration } from "../verdicts/registration.ts";
import type { Rule } from "../verdicts/rules.ts";
import { shortNumber } from "./charts/values.ts";
import { escapeMarkdown } from "./markdown.ts";
import { amount } from "./quantities.ts";

/** A registration as Markdown: claim, what was reported, measures, hypotheses with their rules, intervals and seeds. */
export function registrationText(registration: Registration): string {
  const { claim, reported, hypotheses, seeds, registered } = registration;
  const measures = new Set(hypotheses.flatMap(({ estimates }) => estimates.map(({ metric }) => metric)));
  const definitions = [...measures].map(measureNamed).map(({ name, definition }) => `${name}: ${definition}`);
  const presets = Object.entries(seeds.test).map(([preset, list]) => `${preset} ${list.join(", ")}`);
  return [
    `**Claim.** ${escapeMarkdown(claim)}`,
    reported.length === 0
      ? "**Reported.** No source that was found says anything of it."
      : `**Reported.**\n\n${list(reported.map(({ statement, source }) => escapeMarkdown(`${statement} (${source})`)))}`,
    `**Measures.**\n\n${list(definitions)}`,
    ...hypotheses.map(hypothesisText),
    intervalsText(registration),
    `**Registered** on ${escapeMarkdown(registered)}. Seeds: ${presets.join("; ")}. ` +
      `Settings were chosen on seeds ${seeds.tuning.join(", ")}, which are never tested.`,
  ].join("\n\n");
}

/** How intervals are computed and decide, as Markdown. */
function intervalsText({ interval, hypotheses, seeds }: Registration): string {
  const level = `${Math.round(1000 * interval.level) / 10} %`;
  if (interval.method === "paired hierarchical bootstrap")
    return (
      `**Intervals** are ${level} by the ${interval.method}: ${interval.outer} outside, ` +
      `${interval.inner} inside, ${interval.draws} draws. With fewer than ${seeds.minimum} seeds nothing is decided.`
    );
  const others = hypotheses.filter(({ primary }) => !primary).length;
  return (
    `**Tests** are Student's t over ${interval.over}. Superiority is tested from two sides, equivalence and ` +
    `non-inferiority from one side at each end of the margin. Holm's procedure keeps the probability of any false decision at ` +
    `${Math.round(1000 * (1 - interval.level)) / 10} % among the primary hypotheses of all registrations` +
    `${others > 0 ? ", and among the others of this one" : ""}; each interval has the level at which it ` +
    "decides. Nothing is decided before all seeds of a preset have been run."
  );
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
  primary,
  ifSupported,
  smallestEffect,
}: Hypothesis): string {
  const [first] = estimates;
  const rules = new Set(estimates.map(({ metric }) => ruleText(rule, measureNamed(metric).unit)));
  const facts = [
    `*Measured*: ${estimates.map(measuredText).join("; ")}.`,
    `*Rule* (${rule.kind}): ${[...rules].join("; ")}.`,
    ...(strengthens === undefined
      ? []
      : [
          `*Strengthens ${escapeMarkdown(strengthens)}*: supported only if ${escapeMarkdown(strengthens)} is supported too, and never refuted.`,
        ]),
    ...(smallestEffect === undefined || first === undefined
      ? []
      : [`*Smallest effect of interest*: ${amount(smallestEffect, measureNamed(first.metric).unit)}.`]),
    ...(ifSupported === undefined ? [] : [`*If supported*: it speaks ${ifSupported} the paper's claim.`]),
    ...(refutedBy === undefined ? [] : [`*Refuted by*: ${escapeMarkdown(refutedBy)}`]),
    ...(needs.length > 0 ? [`*Tested only if*: ${needs.map(needText).join("; ")}.`] : []),
  ];
  return [
    `- **${primary ? "Primary hypothesis" : "Hypothesis"} ${escapeMarkdown(id)}.** ${escapeMarkdown(statement)}`,
    ...facts.map((fact) => `  - ${fact}`),
  ].join("\n");
}

/**
 * The arms and scorers of a registration by name, with what each is. One that is trained for several numbers of epochs has
 * one row, which lists them.
 */
export function armRows({ arms }: Pick<Registration, "arms">): Record<string, string>[] {
  const rows = new Map<string, { "what it is": string; epochs: string[] }>();
  for (const { label, description = "" } of arms) {
    const [, base, epochs] = /^(.*), (\d+|best) epochs?$/.exec(label.name) ?? [];
    const row = rows.get(base ?? label.name);
    if (row !== undefined && epochs !== undefined) row.epochs.push(epochs);
    else
      rows.set(base ?? label.name, {
        "what it is": epochs === undefined ? description : description.replace(/ After \d+ epochs?\.$/, ""),
        epochs: epochs === undefined ? [] : [epochs],
      });
  }
  const withEpochs = [...rows.values()].some(({ epochs }) => epochs.length > 0);
  return [...rows].map(([arm, row]) => ({
    arm,
    "what it is": row["what it is"],
    ...(withEpochs && { epochs: row.epochs.join(", ") }),
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
  if ("treatment" in need) {
    const { treatment, control, above = 0 } = need;
    const more = above === 0 ? "" : ` by more than ${amount(above, unit)}`;
    return `${escapeMarkdown(treatment.name)} above ${escapeMarkdown(control.name)} in ${name}${more}`;
  }
  return `${escapeMarkdown(need.label.name)} ${need.side} ${amount(need.bound, unit)} in ${name}`;
}

function measuredText(estimate: Estimate): string {
  const text = `${escapeMarkdown(estimateName(estimate))} in ${measureNamed(estimate.metric).name}`;
  if (!("atEqual" in estimate)) return text;
  const names = (labels: readonly Label[]) => labels.map(({ name }) => escapeMarkdown(name)).join(", ");
  return (
    `${text}: the curve through ${names(estimate.treatment)} less the curve through ${names(estimate.control)}, ` +
    `averaged over the ${measureNamed(estimate.atEqual).name} that both reach`
  );
}

const list = (items: readonly string[]) => items.map((item) => `- ${item}`).join("\n");
