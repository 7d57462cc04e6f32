import type { DataFrame } from "danfojs-node";
import { shortNumber } from "../../report/charts/values.ts";
import { escapeMarkdown } from "../../report/markdown.ts";
import { sides } from "../../report/registration-text.ts";
import { rowsTable } from "../../report/tables.ts";
import type { Preset } from "../../results/presets.ts";
import type { RandomInstances } from "../../theory/random-instances.ts";
import type { ExactFinding } from "../../verdicts/judge.ts";
import type { ExactRegistration } from "../../verdicts/registration.ts";
import type { BoundRule } from "../../verdicts/rules.ts";

/** How exact claims are decided, as Markdown. */
export function claimsRule({ registered, hypotheses, seed, instances }: ExactRegistration): string {
  const sizes = Object.entries(instances).map(([preset, count]) => `${preset} ${count}`);
  return [
    `${hypotheses.length} claims, registered on ${registered}. *Supported*: the value of every instance is within ` +
      "the claim's bound. *Refuted*: that of at least one instance is beyond it.",
    `Random instances per claim: ${sizes.join(", ")}; seed ${seed}.`,
  ].join("\n\n");
}

/** Claims with what was found, as a Markdown list: statement, source, what would refute it, and the verdict. */
export function claimsText(findings: readonly ExactFinding[]): string {
  return findings
    .map((finding) => {
      const { statement, source, measure, refutedBy } = finding.hypothesis;
      return [
        `- **${escapeMarkdown(statement)}**`,
        `*Source:* ${escapeMarkdown(sentence(source))}${refutedBy === undefined ? "" : ` *Refuted by:* ${escapeMarkdown(refutedBy)}`}`,
        `*Computed:* ${escapeMarkdown(sentence(measure))} ${claimSentence(finding)}`,
      ].join("<br>\n  ");
    })
    .join("\n");
}

/** A verdict alone: "**Supported**: at most 3.1e-13 over 200 instances (claimed: at most 1e-12)." */
export function claimSentence({ hypothesis, status, extreme, instances, beyond }: ExactFinding): string {
  const claimed = `claimed: ${boundText(hypothesis.rule)}`;
  return status === "supported"
    ? `**Supported**: ${hypothesis.rule.side} ${shortNumber(extreme)} over ${count(instances)} (${claimed}).`
    : `**Refuted**: beyond the bound on ${beyond} of ${count(instances)}, at the furthest ${shortNumber(extreme)} (${claimed}).`;
}

/** All verdicts in one table. Throws if there are none. */
export function claimsTable(findings: readonly ExactFinding[]): DataFrame {
  return rowsTable(
    findings.map(({ hypothesis, status, extreme, instances }) => ({
      claim: hypothesis.id,
      verdict: status,
      computed: shortNumber(extreme),
      claimed: boundText(hypothesis.rule),
      instances,
    })),
  );
}

/** How many of the registered claims are supported, naming those that are not and those not computed. */
export function claimsSummary({ hypotheses }: ExactRegistration, findings: readonly ExactFinding[]): string {
  const judged = findings.map(({ hypothesis }) => hypothesis.id);
  const failing = findings
    .filter(({ status }) => status !== "supported")
    .map(({ hypothesis }) => hypothesis.id);
  const absent = hypotheses.map(({ id }) => id).filter((id) => !judged.includes(id));
  const supported = judged.length - failing.length;
  const parts = [
    supported === hypotheses.length
      ? `All ${hypotheses.length} claims are supported`
      : `${supported} of ${hypotheses.length} claims are supported`,
    ...(failing.length > 0 ? [`not: ${failing.join(", ")}`] : []),
    ...(absent.length > 0 ? [`not computed: ${absent.join(", ")}`] : []),
  ];
  return `${parts.join("; ")}.`;
}

const boundText = (rule: BoundRule) => sides(rule, "").satisfying;

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
const count = (n: number) => `${n} instance${n === 1 ? "" : "s"}`;

/** The random instances that a registration asks for at a preset. Throws if it names none. */
export function registeredInstances(registration: ExactRegistration, preset: Preset): RandomInstances {
  const instances = registration.instances[preset];
  if (instances === undefined)
    throw new Error(`${registration.id} registers no number of instances for the preset ${preset}.`);
  return { seed: registration.seed, instances };
}
