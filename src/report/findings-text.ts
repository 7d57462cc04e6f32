import type { Finding } from "../verdicts/hypotheses.ts";

/** Findings as Markdown: the verdict on each hypothesis with the numbers that made it. */
export function findingsText(findings: readonly Finding[]): string {
  return findings
    .map(({ hypothesis, status, sentences }) =>
      [
        `**${hypothesis.id}: ${status}.** ${hypothesis.statement}\n`,
        ...sentences.map((one) => `- ${one}`),
      ].join("\n"),
    )
    .join("\n\n");
}
