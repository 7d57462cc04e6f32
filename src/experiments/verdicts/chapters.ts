import type { ExecutionProgress } from "../../pipeline/execute.ts";
import type { VerdictEffect } from "../../report/charts.ts";
import { estimateText, signedInterval } from "../../report/estimate-text.ts";
import { escapeMarkdown, markdownTable } from "../../report/markdown.ts";
import { sealSentences, sealSummary } from "../../report/seal-text.ts";
import type { SeedResult } from "../../results/collect.ts";
import { arms, type Label, sameLabel } from "../../results/labels.ts";
import type { Preset } from "../../results/presets.ts";
import { estimated, estimateName } from "../../verdicts/estimates.ts";
import type { Finding } from "../../verdicts/finding.ts";
import { primariesWithPs } from "../../verdicts/judge-tests.ts";
import { readRegistration } from "../../verdicts/read-registration.ts";
import { primariesOf, type Registration } from "../../verdicts/registration.ts";
import type { Status } from "../../verdicts/rules.ts";
import { judgeSealed } from "../../verdicts/seal-check.ts";
import { experiments, runExperiment } from "../programme.ts";
import { fromLedger, ledgerFolder, type SourceOptions } from "../results-source.ts";

/** A registration with its results and what they decide. */
export interface Chapter {
  readonly registration: Registration;
  readonly results: readonly SeedResult[];
  readonly findings: readonly Finding[];
}

/**
 * Every registration with its findings and the state of their seals, in order of the notebooks. Trains or reads the ledger
 * as `runExperiment` does. The p-values of primary hypotheses are those of these results, or from the ledger the sealed ones.
 */
export async function allChapters(
  preset: Preset,
  onProgress?: (progress: ExecutionProgress) => void,
  source: SourceOptions = {},
): Promise<Chapter[]> {
  const run: Omit<Chapter, "findings">[] = [];
  for (const experiment of experiments) {
    const registration = readRegistration(experiment.id);
    run.push({ registration, results: await runExperiment(experiment, preset, onProgress, source) });
  }
  const primaries = run.flatMap(({ registration, results }) =>
    fromLedger(preset, source) ? primariesOf(registration) : primariesWithPs(registration, results, preset),
  );
  return run.map(({ registration, results }) => ({
    registration,
    results,
    findings: judgeSealed(registration, results, { ledger: ledgerFolder(), preset, primaries }),
  }));
}

const MARKS: Readonly<Record<Status, string>> = {
  supported: "✔ supported",
  refuted: "✖ refuted",
  "not shown": "○ not shown",
  uninformative: "– uninformative",
  incomplete: "… incomplete",
};

/**
 * Every hypothesis as a Markdown table: question, estimates with intervals, verdict, seeds; and below it, if every seal
 * holds, what was compared with the seals.
 */
export function verdictsMarkdown(chapters: readonly Chapter[]): string {
  const rows = chapters.flatMap(({ registration, findings }) =>
    findings.map((finding) => {
      const { hypothesis, estimates, level, seeds } = finding;
      return [
        notebookLink(registration),
        `**${escapeMarkdown(hypothesis.id)}** ${escapeMarkdown(hypothesis.statement)}`,
        estimates.map((one) => estimateText(one, level)).join("<br>"),
        verdictCell(finding),
        String(seeds.length),
      ];
    }),
  );
  const table = markdownTable(["", "hypothesis", "measured, with 95 % intervals", "verdict", "seeds"], rows);
  const all = chapters.flatMap(({ findings }) => findings);
  const areIntact = all.every(({ seal }) => seal?.kind === "intact");
  return areIntact ? `${table}\n\n${sealSummary(all)}` : table;
}

/** The verdict of a finding, or what broke its seal. */
function verdictCell(finding: Finding): string {
  const { seal, status, stance } = finding;
  const mark = seal?.kind === "broken" ? "⚠ seal broken" : MARKS[status];
  const side = stance === "for" || stance === "against" ? `, ${stance} the paper` : "";
  return [
    `**${mark}${seal?.kind === "broken" ? "" : side}**`,
    ...sealSentences(finding).map(escapeMarkdown),
  ].join("<br>");
}

/** How many hypotheses met which verdict, in a sentence, and a second one if seals are broken. */
export function countSentence(chapters: readonly Chapter[]): string {
  const all = chapters.flatMap(({ findings }) => findings);
  const broken = all.filter(({ seal }) => seal?.kind === "broken").length;
  const count = (status: Status) => all.filter((one) => one.status === status).length;
  return (
    `Of ${all.length} registered hypotheses ${count("supported")} are supported, ${count("refuted")} refuted, ` +
    `${count("not shown")} not shown, and on ${count("uninformative")} these runs cannot tell.` +
    (broken > 0 ? ` **Of the latter ${broken} have a broken seal.**` : "") +
    (count("incomplete") > 0 ? ` ${count("incomplete")} wait for the rest of their seeds.` : "")
  );
}

/** Each experiment's gap in win rate between online and offline by offline epochs, as a Markdown table. */
export function epochsMarkdown(chapters: readonly Chapter[]): string {
  const controls = [arms.dpo, arms.dpo2x, arms.dpo5x, arms.dpoBest];
  const rows = chapters.flatMap(({ registration, results }) => {
    const has = (label: Label) =>
      results.every((result) => result.arms.some(({ arm }) => sameLabel(arm, label)));
    if (!has(arms.dpoBest)) return [];
    const cell = (treatment: Label, control: Label) => {
      const estimate = { metric: "greedy-win-rate", treatment, control };
      return has(control)
        ? signedInterval(estimated(results, estimate, registration.interval), "share")
        : "not run";
    };
    return [arms.onlineSft, arms.onlineDpo]
      .filter(has)
      .map((treatment) => [
        `${notebookLink(registration)} ${escapeMarkdown(treatment.name)}`,
        ...controls.map((control) => cell(treatment, control)),
      ]);
  });
  return markdownTable(["win rate, points, of … minus", ...controls.map(({ name }) => name)], rows);
}

/**
 * What each experiment took, seeds, stages, minutes of computing, and what all took. A stage that several share counts in
 * each, and once in the last row.
 */
export function costRows(chapters: readonly Chapter[]): Record<string, string | number>[] {
  const row = (experiment: string, results: readonly SeedResult[]) => {
    const stages = new Map(
      results.flatMap(({ provenance }) => provenance.map((one) => [one.stage, one.seconds])),
    );
    const seconds = [...stages.values()].reduce((sum, value) => sum + value, 0);
    return {
      experiment,
      seeds: [...new Set(results.map(({ seed }) => seed))].join(", "),
      stages: stages.size,
      "computing, min": Number((seconds / 60).toFixed(1)),
    };
  };
  const all = chapters.flatMap(({ results }) => results);
  return [
    ...chapters.map(({ registration, results }) => row(registration.id, results)),
    { ...row("all, each stage once", all), seeds: new Set(all.map(({ seed }) => seed)).size },
  ];
}

/** The estimates in win rate of all chapters, for `verdictsChart`. */
export function winRateEffects(chapters: readonly Chapter[]): VerdictEffect[] {
  return chapters.flatMap(({ registration, findings }) =>
    findings.flatMap(({ hypothesis, status, estimates, level }) =>
      estimates
        .filter(({ estimate }) => estimate.metric === "greedy-win-rate")
        .map(({ estimate, mean, low, high }) => ({
          group: `${notebookNumber(registration)} ${hypothesis.id}`,
          status,
          effect: { name: estimateName(estimate), mean, low, high, level },
        })),
    ),
  );
}

const notebookNumber = ({ id }: Registration) => id.slice(0, 2);

/** The number of the notebook that shows a registration, with a link to it; in HTML reports the link leads to the report. */
function notebookLink(registration: Registration): string {
  const number = notebookNumber(registration);
  const [notebook = registration] = experiments.filter(({ id }) => id.startsWith(number));
  return `[${number}](${notebook.id}.ipynb)`;
}
