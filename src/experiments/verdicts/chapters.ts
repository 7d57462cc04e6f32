import type { ExecutionProgress } from "../../pipeline/execute.ts";
import type { PanelRow } from "../../report/charts.ts";
import { estimateText } from "../../report/estimate-text.ts";
import { escapeMarkdown, markdownTable } from "../../report/markdown.ts";
import { sealSentences, sealSummary } from "../../report/seal-text.ts";
import type { SeedResult } from "../../results/collect.ts";
import { measureNamed } from "../../results/measures.ts";
import type { Preset } from "../../results/presets.ts";
import type { Finding } from "../../verdicts/finding.ts";
import { primariesWithPs } from "../../verdicts/judge-tests.ts";
import { readRegistration } from "../../verdicts/read-registration.ts";
import { primariesOf, type Registration } from "../../verdicts/registration.ts";
import type { Status } from "../../verdicts/rules.ts";
import { judgeSealed, SEALED_PRESET } from "../../verdicts/seal-check.ts";
import { notebookNames } from "../names.ts";
import { experiments, ledgerResults, plansOf, runExperiment, superseded } from "../programme.ts";
import { fromLedger, ledgerFolder, type SourceOptions } from "../results-source.ts";
import { sideColour } from "./sides.ts";

/** A registration with its results and what they decide. */
export interface Chapter {
  readonly registration: Registration;
  readonly results: readonly SeedResult[];
  readonly findings: readonly Finding[];
}

/** Whether verdicts of a registration come from Student's test, corrected for as one family. */
const isTested = ({ interval }: Registration): boolean => interval.method === "student t";

/**
 * Every registration of tests with its findings and the state of their seals, in order of the notebooks. Trains or reads the
 * ledger as `runExperiment` does. The p-values of primary hypotheses are those of these results, or from the ledger the sealed
 * ones.
 */
export async function allChapters(
  preset: Preset,
  onProgress?: (progress: ExecutionProgress) => void,
  source: SourceOptions = {},
): Promise<Chapter[]> {
  const run: Omit<Chapter, "findings">[] = [];
  for (const experiment of experiments) {
    const registration = readRegistration(experiment.id);
    if (isTested(registration))
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

/** The registrations of the earlier instrument, which were decided by a bootstrap, with what the ledger says of them. */
export function earlierChapters(): Chapter[] {
  return [...superseded, ...experiments].flatMap((experiment) => {
    const registration = readRegistration(experiment.id);
    if (isTested(registration)) return [];
    const results = ledgerResults(plansOf(experiment, SEALED_PRESET));
    const findings = judgeSealed(registration, results, { ledger: ledgerFolder(), preset: SEALED_PRESET });
    return [{ registration, results, findings }];
  });
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
        superseded.some(({ id }) => id === registration.id)
          ? notebookNumber(registration)
          : notebookLink(registration),
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

/** The first estimate of every hypothesis, coloured by what it says of the paper, for `forestPanels`. */
export function forestRows(chapters: readonly Chapter[]): PanelRow[] {
  return chapters.flatMap(({ findings }) =>
    findings.flatMap((finding) => {
      const [first] = finding.estimates;
      if (first === undefined) return [];
      const { unit } = measureNamed(first.estimate.metric);
      const [factor, digits] = unit === "share" ? [100, 1] : [1, 2];
      return [
        {
          unit: unit === "share" ? "Percentage points" : unit === "reward" ? "Gold reward" : unit,
          name: finding.hypothesis.id,
          colour: sideColour(finding),
          mean: factor * first.mean,
          low: factor * first.low,
          high: factor * first.high,
          digits,
        },
      ];
    }),
  );
}

const notebookNumber = ({ id }: Registration) => id.slice(0, 2);

/** The number of the notebook that shows a registration, with a link to it; in HTML reports the link leads to the report. */
function notebookLink(registration: Registration): string {
  return `[${notebookNumber(registration)}](${notebookOf(registration)}.ipynb)`;
}

/** The name of the notebook that shows a registration. */
export function notebookOf(registration: Registration): string {
  const start = `${notebookNumber(registration)}-`;
  return notebookNames().find((name) => name.startsWith(start)) ?? registration.id;
}
