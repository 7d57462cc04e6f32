import type { Finding } from "../verdicts/finding.ts";
import { escapeMarkdown } from "./markdown.ts";

/** What the seal of a finding says about its verdict, as sentences of plain text; none if nothing that was compared differs. */
export function sealSentences({ seal }: Pick<Finding, "seal">): string[] {
  switch (seal?.kind) {
    case "broken":
      return [`Seal broken: ${seal.changes.join("; ")}.`];
    case "other experiment":
      return [`Not the sealed experiment: ${seal.changes.join("; ")}.`];
    default:
      return [];
  }
}

/**
 * What was compared with the seals of some hypotheses, and which seals are broken, in Markdown; empty if no seals were
 * looked for.
 */
export function sealSummary(findings: readonly Finding[]): string {
  const of = (kind: NonNullable<Finding["seal"]>["kind"]) =>
    findings.filter(({ seal }) => seal?.kind === kind);
  const names = (some: readonly Finding[]) =>
    some.map(({ hypothesis }) => escapeMarkdown(hypothesis.id)).join(", ");
  const [broken, others, unsealed] = [of("broken"), of("other experiment"), of("unsealed")];
  const compared = new Set(findings.flatMap(({ seal }) => (seal?.kind === "intact" ? [seal.compared] : [])));
  const [only] = compared;
  return [
    ...(broken.length > 0
      ? [`**Seal broken: ${names(broken)}.** No verdict is shown for what was changed.`]
      : []),
    ...(others.length > 0 ? [`**Not the sealed experiment: ${names(others)}.**`] : []),
    ...(unsealed.length > 0 ? [`Not sealed: ${names(unsealed)}.`] : []),
    ...(broken.length + others.length + unsealed.length === 0 && only !== undefined ? [COMPARED[only]] : []),
  ].join(" ");
}

const COMPARED = {
  everything: "Rules, code, settings, rows and numbers are those that were sealed.",
  "all but rows":
    "Rules, code and settings are those that were sealed; the rows of this run are new and not compared.",
  "rules and code":
    "Rules and code are those that were sealed; settings and rows are sealed for the preset laptop and not compared.",
} as const;
