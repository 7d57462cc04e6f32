import type { ExecutionProgress } from "../pipeline/execute.ts";
import { answerText, findingsTable } from "../report/answer.ts";
import { type Chart, chart } from "../report/chart.ts";
import { frontierChart, type WinRateOptions, winRateChart } from "../report/charts.ts";
import { display } from "../report/display.ts";
import { estimatesText, noResultsOf } from "../report/estimate-text.ts";
import { findingsText } from "../report/findings-text.ts";
import { headroomSentence } from "../report/headroom.ts";
import { escapeMarkdown, type Markdown, markdown } from "../report/markdown.ts";
import { measuredRows, ofArms } from "../report/measured.ts";
import { originSentence, provenanceRows, RUN_DATES, runDates } from "../report/origin.ts";
import { armRows, registrationText } from "../report/registration-text.ts";
import { armSummaries, frontierValues, winRateValues } from "../report/results.ts";
import { scorerRows } from "../report/scorers.ts";
import { sealSummary } from "../report/seal-text.ts";
import { type ArmSummary, rowsTable } from "../report/tables.ts";
import type { SeedResult } from "../results/collect.ts";
import { type Label, renamed, sameLabel } from "../results/labels.ts";
import type { Preset } from "../results/presets.ts";
import { device } from "../tensors/backend.ts";
import { type Estimate, type Estimated, estimated, isMeasured } from "../verdicts/estimates.ts";
import type { Finding } from "../verdicts/finding.ts";
import { readRegistration } from "../verdicts/read-registration.ts";
import { type Hypothesis, type Registration, unregistered } from "../verdicts/registration.ts";
import { judgeSealed } from "../verdicts/seal-check.ts";
import { primaryHypotheses, runExperiment } from "./programme.ts";
import { HOW_TO_TRAIN, ledgerFolder, notebookPreset, type SourceOptions } from "./results-source.ts";

/** Where a notebook shows progress, for example `progress("Title")` of allroads-kernel. */
export interface ProgressBar {
  update(done: number, total: number, text: string, units?: { unit: string; share: number }): unknown;
  finish(text: string): unknown;
}

/** A registered experiment in a notebook: its results, and the parts that every report of one has. */
export interface ExperimentPage {
  readonly preset: Preset;
  readonly registration: Registration;
  readonly seeds: readonly number[];
  readonly results: readonly SeedResult[];
  /** The first seed's result, for examples. */
  readonly first: SeedResult;
  readonly findings: readonly Finding[];
  /** Preset, device, where the results come from, and arms that are missing or not registered. */
  readonly origin: Markdown;
  /** The verdict on the primary hypothesis, or on another, with its number in one sentence. */
  answer(hypothesis?: string): Markdown;
  /** The verdicts on all other hypotheses than the primary one as a table, and what was compared with the seals. */
  readonly otherVerdicts: Markdown;
  /** What the registered rules say, with the numbers that decided it, and whether anything differs from what was sealed. */
  readonly verdicts: Markdown;
  /** The claim, what was reported, and the rules. */
  readonly claim: Markdown;
  /** Every arm and scorer, and what it is. */
  readonly armTable: ReturnType<typeof rowsTable>;
  /** Stages, computing time and device of each seed; `provenanceCaption` is its caption. */
  readonly provenance: ReturnType<typeof rowsTable>;
  readonly provenanceCaption: string;
  /** Scorers, and gold's own choice among the same samples, averaged over seeds. */
  scorerTable(labels: readonly Label[]): ReturnType<typeof rowsTable>;
  /** Every arm averaged over seeds. */
  readonly summaries: readonly ArmSummary[];
  /** Win rates of all arms, or of some. */
  winRates(options?: WinRateOptions, labels?: readonly Label[]): Chart;
  /** Whether the win rates of all arms, or of some, leave room to differ. */
  headroom(labels?: readonly Label[]): Markdown;
  /** Measures of every arm averaged over seeds, by default `ARM_MEASURES`. */
  measured(measures?: readonly string[]): ReturnType<typeof rowsTable>;
  /** Reward against entropy of these arms, from T = 1 down to greedy decoding. */
  frontier(labels: readonly Label[]): Chart;
  /** The finding on the hypothesis with this id. Throws if none is registered. */
  finding(hypothesis: string): Finding;
  /** Estimates with the registered kind of interval, without those of missing arms or scorers. */
  estimate(estimates: readonly Estimate[]): Estimated[];
  /** Estimates in sentences, as a list. */
  sentences(estimates: readonly Estimate[]): Markdown;
}

/** What `measured` shows by default. */
const ARM_MEASURES = [
  "greedy-win-rate",
  "greedy-reward",
  "sampled-reward",
  "entropy",
  "kl",
  "malformed",
  "length",
] as const;

/** The preset and the machine of this run, as a sentence in Markdown. */
export function machineSentence(preset: string): string {
  const { name, kind, tensorflow } = device();
  const meaning = preset === "smoke" ? ", whose numbers mean nothing," : "";
  return `Preset **${escapeMarkdown(preset)}**${meaning} on ${escapeMarkdown(name)} (${kind}), TensorFlow ${escapeMarkdown(tensorflow)}, Node ${process.version}.`;
}

/**
 * Where results come from, with sentences that are added below: the ledger, or this machine. The dates of the runs are also
 * there for programs that show the notebook, as `RUN_DATES`.
 */
export function originOf(
  preset: Preset,
  results: readonly SeedResult[],
  more: readonly string[] = [],
): Markdown {
  const isRead = results.some(({ sources }) => sources.some((source) => source.fromLedger));
  const origin = originSentence(results, isRead);
  const first = isRead ? `Preset **${preset}**. ${origin}` : `${machineSentence(preset)}\n\n${origin}`;
  const shown = markdown([first, ...more].join("\n\n"));
  return { [display]: () => ({ ...shown[display](), [RUN_DATES]: runDates(results) }) };
}

/** Shows on a bar how many stages are done, and what is being computed. Time left is estimated from the stages' costs. */
export function showProgress(bar: ProgressBar | undefined): (progress: ExecutionProgress) => void {
  return ({ done, total, stages, running }) =>
    bar?.update(stages.done, stages.total, counted(running).join(", "), {
      unit: "stages",
      share: total === 0 ? 1 : done / total,
    });
}

/** Each text once, with how often it occurs: "sft (seed 42) × 2". */
function counted(texts: readonly string[]): string[] {
  const occurrences = (text: string) => texts.filter((other) => other === text).length;
  return [...new Set(texts)].map((text) =>
    occurrences(text) === 1 ? text : `${text} × ${occurrences(text)}`,
  );
}

/**
 * Opens a registered experiment at a preset, as `notebookPreset` names it: reads the ledger, or trains and evaluates what the
 * run store lacks, if that is asked for by `train` or `ALLROADS_TRAIN`, or at a preset that has no ledger.
 */
export async function openExperiment(
  id: string,
  bar?: ProgressBar,
  { preset: name, ...source }: SourceOptions & { readonly preset?: string } = {},
): Promise<ExperimentPage> {
  const preset = notebookPreset(name);
  const registration = readRegistration(id);
  const results = await runExperiment(id, preset, showProgress(bar), source);
  await bar?.finish(`${results.length} seeds`);
  return experimentPage(registration, preset, results);
}

/**
 * The page of an experiment's results. Arms that the registration does not name are marked; arms that the ledger lacks are
 * named; verdicts whose seal is broken are not shown.
 */
export function experimentPage(
  registration: Registration,
  preset: Preset,
  collected: readonly SeedResult[],
): ExperimentPage {
  const { interval } = registration;
  const added = unregistered(registration, collected);
  const results = collected.map((result) => markUnregistered(result, added));
  const findings = judgeSealed(registration, results, {
    ledger: ledgerFolder(),
    preset,
    primaries: primaryHypotheses(),
  });
  const addedRows = added.map(({ name }) => ({ arm: name, "what it is": "not registered", epochs: "" }));
  const [first] = results;
  if (first === undefined) throw new Error(`${registration.id} has no results: give at least one seed.`);
  const seeds = results.map(({ seed }) => seed);
  const summaries = armSummaries(results, interval);
  const summariesOf = (labels?: readonly Label[]) =>
    summaries.filter(({ arm }) => labels?.some((label) => sameLabel(label, arm)) ?? true);
  const finding = (hypothesis: string) => {
    const found = findings.find((one) => one.hypothesis.id === hypothesis);
    if (found !== undefined) return found;
    const ids = findings.map((one) => one.hypothesis.id).join(", ");
    throw new Error(`${registration.id} registers no hypothesis "${hypothesis}"; it has ${ids}.`);
  };
  const primary = findings.find(({ hypothesis }) => hypothesis.primary)?.hypothesis.id;
  const others = findings.filter(({ hypothesis }) => !hypothesis.primary);
  return {
    preset,
    registration,
    seeds,
    results,
    first,
    findings,
    origin: originOf(preset, results, notices(results, added)),
    answer: (hypothesis = primary ?? firstOf(registration).id) => markdown(answerText(finding(hypothesis))),
    otherVerdicts: markdown([findingsTable(others), sealSummary(findings)].filter(Boolean).join("\n\n")),
    verdicts: markdown([findingsText(findings), sealSummary(findings)].filter(Boolean).join("\n\n")),
    claim: markdown(registrationText(registration)),
    armTable: rowsTable([...armRows(registration), ...addedRows]),
    provenance: rowsTable(provenanceRows(results)),
    provenanceCaption: `Preset ${preset}; stages that notebooks share count in each`,
    scorerTable: (labels) => rowsTable(scorerRows(results, labels)),
    summaries,
    winRates(options, labels) {
      const shown = summariesOf(labels);
      const values = winRateValues(
        ofArms(
          results,
          shown.map(({ arm }) => arm),
        ),
      );
      return chart(
        winRateChart(
          values,
          shown.map(({ arm, winRate }) => ({ arm, ...winRate })),
          options,
        ),
      );
    },
    headroom: (labels) => markdown(headroomSentence(summariesOf(labels))),
    measured: (measures = ARM_MEASURES) => rowsTable(measuredRows(results, measures)),
    frontier: (labels) => chart(frontierChart(frontierValues(ofArms(results, labels)))),
    finding,
    estimate: (estimates) =>
      estimates.filter((one) => isMeasured(results, one)).map((one) => estimated(results, one, interval)),
    sentences: (estimates) => markdown(estimatesText(results, estimates, interval)),
  };
}

function firstOf({ id, hypotheses }: Registration): Hypothesis {
  const [first] = hypotheses;
  if (first === undefined) throw new Error(`${id} registers no hypothesis.`);
  return first;
}

/** The result with "not registered" in the names of these arms. */
function markUnregistered(result: SeedResult, added: readonly Label[]): SeedResult {
  const mark = (label: Label) =>
    added.some((one) => sameLabel(one, label)) ? renamed(label, `${label.name}, not registered`) : label;
  return {
    ...result,
    arms: result.arms.map((one) => ({ ...one, arm: mark(one.arm) })),
    curves: result.curves.map((one) => ({ ...one, arm: mark(one.arm) })),
  };
}

function notices(results: readonly SeedResult[], added: readonly Label[]): string[] {
  const missing = results.flatMap((result) => result.missing);
  return [
    ...(added.length > 0
      ? [`Not registered: ${added.map(({ name }) => escapeMarkdown(name)).join(", ")}.`]
      : []),
    ...(missing.length > 0
      ? [
          `**The ledger has ${noResultsOf(missing)}**: they are new, or their settings differ from the ` +
            `ledger's. They are left out here; train them by ${HOW_TO_TRAIN}.`,
        ]
      : []),
  ];
}
