import type { Finding } from "../verdicts/finding.ts";
import { numberText } from "./estimate-text.ts";
import { incompleteSentence, remarks, testNumbers, verdictWords } from "./findings-text.ts";
import { escapeMarkdown, markdownTable } from "./markdown.ts";
import { sealSentences } from "./seal-text.ts";

/* A verdict in one sentence, and many as a table. */

/**
 * The verdict on a hypothesis with its number, in Markdown: "**Supported, for the paper.** Online DPO wins more often than
 * offline DPO: +10.0 [+8.6, +11.4] points, 20 seeds, p < .001, power for 3 points 99%." What to mind follows in a paragraph of its
 * own.
 */
export function answerText(finding: Finding): string {
  const { hypothesis, estimates, level } = finding;
  const statement = escapeMarkdown(hypothesis.statement);
  const verdict = finding.status === "incomplete" ? incompleteSentence(finding) : `${verdictWords(finding)}.`;
  const start = `**${verdict}** ${statement}`;
  if (finding.seal?.kind === "broken")
    return `${start} ${sealSentences(finding).map(escapeMarkdown).join(" ")}`;
  const numbers = [
    estimates.map((one) => numberText(one, level)).join("; "),
    seedsText(finding),
    testNumbers(finding),
  ];
  const measured = estimates.length === 0 ? "" : `${numbers.filter(Boolean).join(", ")}.`;
  const sentence = measured === "" ? start : `${start.replace(/\.$/, "")}: ${measured}`;
  return [sentence, remarks(finding).join(" ")].filter(Boolean).join("\n\n");
}

/** Findings as a Markdown table: what each hypothesis says, its number with the interval that decides, and the verdict. */
export function findingsTable(findings: readonly Finding[]): string {
  return markdownTable(
    ["hypothesis", "measured, with its interval", "verdict"],
    findings.map((finding) => [
      `**${escapeMarkdown(finding.hypothesis.id)}** ${escapeMarkdown(finding.hypothesis.statement)}`,
      finding.estimates.map((one) => numberText(one, finding.level)).join("<br>"),
      [`**${verdictWords(finding)}**`, testNumbers(finding), ...remarks(finding)]
        .filter(Boolean)
        .join("<br>"),
    ]),
  );
}

/** "20 seeds". */
export function seedsText({ seeds }: Finding): string {
  return `${seeds.length} seed${seeds.length === 1 ? "" : "s"}`;
}
