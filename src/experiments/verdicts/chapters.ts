import type { ExecutionProgress } from "../../pipeline/execute.ts";
import { markdownTable } from "../../report/markdown.ts";
import { contrasts } from "../../report/results.ts";
import { signed } from "../../report/sentences.ts";
import type { SeedResult } from "../../results/collect.ts";
import { contrastName, styleOf } from "../../results/labels.ts";
import { measureNamed } from "../../results/measures.ts";
import type { Preset } from "../../results/presets.ts";
import type { Contrast, Status } from "../../verdicts/contrasts.ts";
import { estimated, estimateName } from "../../verdicts/estimates.ts";
import { judgeHypotheses } from "../../verdicts/hypotheses.ts";
import { readPrediction } from "../../verdicts/predictions.ts";
import { readRegistration } from "../../verdicts/registration.ts";
import { verdict } from "../../verdicts/verdict.ts";
import { designs, runExperiment } from "../programme.ts";

/** One number that decides a hypothesis. */
export interface Effect extends Contrast {
  /** Its arms and measure, for people. */
  readonly name: string;
  readonly metric: string;
}

/** What was found of one hypothesis. */
export interface Decided {
  readonly hypothesis: string;
  readonly statement: string;
  readonly status: Status;
  readonly effects: readonly Effect[];
}

/** All that one registration asked, with what came out. */
export interface Chapter {
  /** The registration's name; it begins with the notebook's number. */
  readonly id: string;
  readonly claim: string;
  /** What the paper reported, or that nothing is known. */
  readonly reported: readonly string[];
  readonly decided: readonly Decided[];
  readonly results: readonly SeedResult[];
}

/**
 * Every registered question with its answer, by the rules registered for it, in order of the notebooks. Trains what the
 * run store lacks, or reads the ledger, as `runExperiment` does.
 */
export async function allChapters(
  preset: Preset,
  onProgress?: (progress: ExecutionProgress) => void,
): Promise<Chapter[]> {
  const chapters: Chapter[] = [];
  for (const id of Object.keys(designs).sort()) {
    const results = await runExperiment(id, preset, onProgress);
    chapters.push(id === FIRST ? firstChapter(results) : chapterOf(id, results));
  }
  return chapters;
}

/** The registration that came before the others' form. */
const FIRST = "01-main-comparison";

function chapterOf(id: string, results: readonly SeedResult[]): Chapter {
  const registration = readRegistration(id);
  const decided = judgeHypotheses(registration, results).map(({ hypothesis, status, estimates }) => ({
    hypothesis: hypothesis.id,
    statement: hypothesis.statement,
    status,
    effects: estimates.map((one) => ({
      ...one,
      name: estimateName(one.estimate),
      metric: one.estimate.metric,
    })),
  }));
  const { claim, reported } = registration;
  return { id, claim, reported: reported.map(({ statement }) => statement), decided, results };
}

function firstChapter(results: readonly SeedResult[]): Chapter {
  const prediction = readPrediction(FIRST);
  const measured = contrasts(results, prediction);
  const { status, robustToOfflineEpochs: robust } = verdict(prediction, measured);
  const effects = measured.map((one) => ({
    ...one,
    name: contrastName(one.id),
    metric: prediction.metric.id,
  }));
  const { main, robustness } = prediction.contrasts;
  const { claim, reported } = prediction;
  return {
    id: FIRST,
    claim,
    reported: reported.map(({ statement }) => statement),
    results,
    decided: [
      { hypothesis: "main", statement: claim, status, effects: effects.slice(0, main.length) },
      {
        hypothesis: "robust",
        statement: "The same against offline DPO at its best number of epochs.",
        status: robust === undefined ? "uninformative" : robust ? "supported" : "not shown",
        effects: effects.slice(main.length, main.length + robustness.length),
      },
    ],
  };
}

const MARKS: Readonly<Record<Status, string>> = {
  supported: "✔ supported",
  refuted: "✖ refuted",
  "not shown": "○ not shown",
  uninformative: "– uninformative",
};

/** Where a notebook is to be read, by its name. */
type Link = (notebook: string) => string;
const report: Link = (notebook) => `${notebook}.html`;

/** The verdicts as a Markdown table without numbers: question and answer, with links to the notebooks. */
export function verdictsInBrief(chapters: readonly Chapter[], link: Link = report): string {
  const rows = chapters.flatMap(({ id, decided }) =>
    decided.map(({ statement, status }) => [linkTo(id, link), statement, MARKS[status]]),
  );
  return markdownTable(["", "hypothesis", "verdict"], rows);
}

/** The page of verdicts as a Markdown table: question, effects with intervals, verdict, seeds. */
export function verdictsMarkdown(chapters: readonly Chapter[]): string {
  const rows = chapters.flatMap(({ id, decided, results }) =>
    decided.map(({ hypothesis, statement, status, effects }) => [
      linkTo(id, report),
      `**${hypothesis}** ${statement}`,
      effects.map(effectText).join("<br>"),
      `**${MARKS[status]}**`,
      String(results.length),
    ]),
  );
  return markdownTable(["", "hypothesis", "measured, with 95 % intervals", "verdict", "seeds"], rows);
}

/** How many hypotheses met which verdict, in a sentence. */
export function countSentence(chapters: readonly Chapter[]): string {
  const all = chapters.flatMap(({ decided }) => decided);
  const of = (status: Status) => all.filter((one) => one.status === status).length;
  return (
    `Of ${all.length} registered hypotheses ${of("supported")} are supported, ${of("refuted")} refuted, ` +
    `${of("not shown")} not shown, and on ${of("uninformative")} these runs cannot tell.`
  );
}

/** Each experiment's gap between online and offline for more and more offline epochs, as a Markdown table. */
export function epochsMarkdown(chapters: readonly Chapter[]): string {
  const controls = ["dpo", "dpo-2x", "dpo-5x", "dpo-best"];
  const rows = chapters.flatMap(({ id, results }) => {
    const has = (arm: string) => results.every(({ arms }) => arms.some((one) => one.arm === arm));
    if (!has("dpo-best")) return [];
    return ["online-sft", "online-dpo"]
      .filter(has)
      .map((treatment) => [
        `${linkTo(id, report)} ${styleOf(treatment).name}`,
        ...controls.map((control) =>
          has(control)
            ? numbers(
                estimated(
                  results,
                  { metric: "greedy-win-rate", treatment, control },
                  { draws: 10_000, level: 0.95 },
                ),
                "share",
              )
            : "not run",
        ),
      ]);
  });
  return markdownTable(["win rate, points, of … less", ...controls.map((arm) => styleOf(arm).name)], rows);
}

/** What each experiment took: seeds, stages, minutes of computing. Stages shared with others count in each. */
export function costRows(chapters: readonly Chapter[]): Record<string, string | number>[] {
  return chapters.map(({ id, results }) => {
    const stages = new Map(
      results.flatMap(({ provenance }) => provenance.map((one) => [one.stage, one.seconds])),
    );
    const seconds = [...stages.values()].reduce((sum, value) => sum + value, 0);
    return {
      experiment: id,
      seeds: results.map(({ seed }) => seed).join(", "),
      stages: stages.size,
      "computing, min": Number((seconds / 60).toFixed(1)),
    };
  });
}

/** Effects in win rate of all chapters, for a forest chart. */
export function winRateEffects(
  chapters: readonly Chapter[],
): { group: string; status: Status; effect: Effect }[] {
  return chapters.flatMap(({ id, decided }) =>
    decided.flatMap(({ hypothesis, status, effects }) =>
      effects
        .filter(({ metric }) => metric === "greedy-win-rate")
        .map((effect) => ({ group: `${id.slice(0, 2)} ${hypothesis}`, status, effect })),
    ),
  );
}

function effectText(effect: Effect): string {
  const { name, unit } = measureNamed(effect.metric);
  return `${effect.name}, ${name}: ${numbers(effect, unit)}`;
}

function numbers({ mean, low, high }: Pick<Contrast, "mean" | "low" | "high">, unit: string): string {
  return `${signed(mean, unit)} [${signed(low, unit)}, ${signed(high, unit)}]`;
}

/** A registration's number, linked to the notebook that shows it. */
function linkTo(id: string, link: Link): string {
  const number = id.slice(0, 2);
  const shown = Object.keys(designs).find((one) => one.startsWith(number))!;
  return `[${number}](${link(shown)})`;
}
