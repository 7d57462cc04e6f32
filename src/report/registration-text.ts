import { arms as armStyles, scorerLabels, styleOf } from "../results/labels.ts";
import { measureNamed, stylesOf } from "../results/measures.ts";
import { variantOf } from "../results/variants.ts";
import { estimateName } from "../verdicts/estimates.ts";
import { needText, ruleText } from "../verdicts/hypotheses.ts";
import type { Estimate, Hypothesis, Registration } from "../verdicts/registration.ts";

/** A registration as Markdown, for the reader of a notebook: claim, what was reported, hypotheses with rules, seeds. */
export function registrationText(registration: Registration): string {
  const { claim, reported, hypotheses, interval, seeds, registered } = registration;
  return [
    `**Claim.** ${claim}`,
    `**Reported.**\n\n${list(reported.map(({ statement, source }) => `${statement} (${source})`))}`,
    ...hypotheses.map(hypothesisText),
    `**Intervals** are ${100 * interval.level} % by the ${interval.method}: ${interval.outer} outside, ` +
      `${interval.inner} inside, ${interval.draws} draws. With fewer than ${seeds.minimum} seeds nothing is decided.`,
    `**Registered** on ${registered}. Seeds: ${Object.entries(seeds.test)
      .map(([preset, own]) => `${preset} ${own.join(", ")}`)
      .join("; ")}. Settings were chosen on seeds ${seeds.tuning.join(", ")}, which are never tested.`,
  ].join("\n\n");
}

/** One hypothesis as Markdown: what it says, what is measured, what decides it. */
export function hypothesisText({ id, statement, estimates, needs, rule, ...rest }: Hypothesis): string {
  const units = [...new Set(estimates.map(({ metric }) => measureNamed(metric).unit))];
  return list([
    `**Hypothesis ${id}.** ${statement}`,
    `*Measured*: ${estimates.map(measuredText).join("; ")}.`,
    `*Rule* (${rule.kind}): ${ruleText(rule, units[0]!)}.`,
    `*Refuted by*: ${rest["refuted by"]}`,
    ...(needs.length > 0 ? [`*Tests anything only if*: ${needs.map(needText).join("; ")}.`] : []),
  ])
    .replace(/^- /, "")
    .replace(/\n- /g, "\n  - ")
    .replace(/^/, "- ");
}

/** Every arm and verifier of a registration by its name, with what it is. */
export function armRows({ arms, hypotheses }: Registration): { arm: string; "what it is": string }[] {
  const metrics = hypotheses.flatMap(({ estimates }) => estimates.map(({ metric }) => metric));
  const tables = [...new Set([...metrics.map(stylesOf), armStyles, scorerLabels])];
  const nameOf = (id: string) => {
    const bases = [id, variantOf(id).base];
    return styleOf(
      id,
      tables.find((table) => table.some((style) => bases.includes(style.id))),
    ).name;
  };
  return Object.entries(arms).map(([id, what]) => ({ arm: nameOf(id), "what it is": what }));
}

const measuredText = (estimate: Estimate) =>
  `${estimateName(estimate)} in ${measureNamed(estimate.metric).name}`;

const list = (items: readonly string[]) => items.map((item) => `- ${item.trim()}`).join("\n");
