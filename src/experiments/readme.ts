import { readFileSync } from "node:fs";
import path from "node:path";
import type { Interval } from "../evaluation/statistics.ts";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { repositoryRoot } from "../files/repository.ts";
import { chart } from "../report/chart.ts";
import { pairedDifferencesChart, winRateChart } from "../report/charts.ts";
import { markdownTable } from "../report/markdown.ts";
import { armSummaries, contrast, contrasts, contrastValues, winRateValues } from "../report/results.ts";
import { type ArmSummary, intervalText } from "../report/tables.ts";
import type { SeedResult } from "../results/collect.ts";
import { contrastId, styleOf } from "../results/labels.ts";
import type { Contrast } from "../verdicts/contrasts.ts";
import { type Prediction, readPrediction } from "../verdicts/predictions.ts";
import { verdict } from "../verdicts/verdict.ts";
import { allChapters, type Chapter, countSentence, verdictsInBrief } from "./verdicts/chapters.ts";

/*
 * `npm run readme`: writes the main comparison's laptop results and every verdict, from the ledger, into README.md between its two marks, and its figures into data/results/laptop.
 */

const FIGURES = "data/results/laptop";
const BEGIN = "<!-- results: written by `npm run readme` -->";
const END = "<!-- end of results -->";

/** The readme with `section` in place of what stands between its marks. Throws where a mark is missing. */
export function withSection(readme: string, section: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error(`README.md must hold the lines "${BEGIN}" and "${END}" in this order: put them back.`);
  }
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${section}\n\n${readme.slice(end)}`;
}

/** The laptop run and what is computed from it once, for text and figures alike. */
interface LaptopRun {
  readonly chapters: readonly Chapter[];
  readonly results: readonly SeedResult[];
  readonly prediction: Prediction;
  readonly summaries: readonly ArmSummary[];
  readonly measured: readonly Contrast[];
}

/** A share with its interval, in percent. */
function estimate({ mean, low, high }: Interval): string {
  return `${(100 * mean).toFixed(1).replace("-", "−")} ${intervalText(100 * low, 100 * high, 1)}`;
}

/** The main comparison's results as Markdown: figures, every arm, every contrast, verdict and provenance. */
function resultsSection({ chapters, results, prediction, summaries, measured }: LaptopRun): string {
  const arms = summaries.map(({ arm, winRate, goldGreedy, goldSampled, entropy }) => [
    styleOf(arm).name,
    estimate(winRate),
    ...[goldGreedy, goldSampled, entropy].map((value) => value.toFixed(2)),
  ]);
  const online = ["online-sft", "online-dpo"];
  const controls = ["dpo", "dpo-2x", "dpo-5x", "dpo-10x", "dpo-best"];
  const differences = controls.map((control) => [
    styleOf(control).name,
    ...online.map((arm) =>
      estimate(contrast(results, contrastId(arm, control), "greedy-win-rate", prediction.interval)),
    ),
  ]);
  const { status, sentences } = verdict(prediction, measured);
  return [
    `![Win rate of every arm](${FIGURES}/win-rates.svg)`,
    markdownTable(
      ["arm", "win rate, % [95 %]", "gold, greedy", "gold, T = 1", "entropy, nats"],
      arms,
      "right",
    ),
    `Paired differences in win rate, in points [95 %], of online less offline:`,
    markdownTable(
      ["offline arm", ...online.map((arm) => `${styleOf(arm).name} less it`)],
      differences,
      "right",
    ),
    `**Verdict by the registered rule: ${status}.** ${sentences.join(" ")}`,
    provenanceSentence(results),
    `### Every registered hypothesis`,
    countSentence(chapters),
    verdictsInBrief(chapters, (notebook) => `notebooks/${notebook}.ipynb`),
    "The numbers with their intervals, the controls and the cost are in " +
      "[`notebooks/14-verdicts.ipynb`](notebooks/14-verdicts.ipynb): `npm run paper -- --only 14 --from-ledger`.",
  ].join("\n\n");
}

function provenanceSentence(results: readonly SeedResult[]): string {
  const stages = results.flatMap(({ provenance }) => provenance);
  const devices = [...new Set(stages.map(({ device, tensorflow }) => `${device}, TensorFlow ${tensorflow}`))];
  const latest = stages
    .map(({ finished }) => finished)
    .sort()
    .at(-1)!;
  return (
    `From \`npm run paper -- --only 01\` (laptop preset, seeds ${results.map(({ seed }) => seed).join(", ")}; ` +
    `${devices.join("; ")}), finished on ${latest.slice(0, 10)}; written here by \`npm run readme\`.`
  );
}

/** Brings README.md and its figures up to date with the laptop run in the run store. */
export async function updateReadme(): Promise<void> {
  const prediction = readPrediction("01-main-comparison");
  const chapters = await allChapters("laptop");
  const { results } = chapters.find(({ id }) => id === prediction.id)!;
  const summaries = armSummaries(results, prediction.interval);
  const measured = contrasts(results, prediction);
  const ids = measured.map(({ id }) => id);
  const figures = {
    "win-rates.svg": winRateChart(
      winRateValues(results),
      summaries.map(({ arm, winRate }) => ({ arm, ...winRate })),
    ),
    "paired-differences.svg": pairedDifferencesChart(
      contrastValues(results, ids, "greedy-win-rate"),
      measured,
    ),
  };
  const root = repositoryRoot();
  const write = (file: string, text: string) =>
    writeFileAtomically(path.join(root, file), new TextEncoder().encode(text));
  for (const [name, spec] of Object.entries(figures))
    write(path.join(FIGURES, name), await chart(spec).svg());
  const readme = readFileSync(path.join(root, "README.md"), "utf8");
  write(
    "README.md",
    withSection(readme, resultsSection({ chapters, results, prediction, summaries, measured })),
  );
}
