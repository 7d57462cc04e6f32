import { readFileSync } from "node:fs";
import path from "node:path";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { repositoryRoot } from "../files/repository.ts";
import { chart } from "../report/chart.ts";
import { winRateChart } from "../report/charts.ts";
import { estimateText } from "../report/estimate-text.ts";
import { escapeMarkdown } from "../report/markdown.ts";
import { armSummaries, winRateValues } from "../report/results.ts";
import { sealSentences } from "../report/seal-text.ts";
import { LEDGER_PRESET } from "./results-source.ts";
import { allChapters, type Chapter, countSentence } from "./verdicts/chapters.ts";

/*
 * `npm run readme`: writes the laptop results from the ledger into README.md, between its two marks, and the figure that
 * it shows into data/results/laptop.
 */

const FIGURE = "data/results/laptop/win-rates.svg";
const BEGIN = "<!-- results: written by `npm run readme` -->";
const END = "<!-- end of results -->";

/** The hypotheses that stand for the whole: the paper's claim, the control of more offline epochs, and the explanation. */
const MAIN_RESULTS = [
  ["01-main-comparison", "main"],
  ["01-replication", "online-above-best-epoch"],
  ["08-h6-proper-learning", "H6-link"],
] as const;

/** The readme with `section` between its two marks. Throws if a mark is missing. */
export function withSection(readme: string, section: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error(`README.md must hold the lines "${BEGIN}" and "${END}" in this order: put them back.`);
  }
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${section}\n\n${readme.slice(end)}`;
}

/** The results as Markdown: win rate of every arm, three main results, and the number of verdicts of each kind. */
export function resultsSection(chapters: readonly Chapter[]): string {
  return [
    `![Win rate of every arm](${FIGURE})`,
    MAIN_RESULTS.map(([id, hypothesis]) => `- ${resultLine(chapterNamed(chapters, id), hypothesis)}`).join(
      "\n",
    ),
    `${countSentence(chapters)} Each with its numbers: [\`notebooks/14-verdicts.ipynb\`](notebooks/14-verdicts.ipynb).`,
  ].join("\n\n");
}

/** A hypothesis with its verdict and the estimates that decided it, or with what broke its seal. */
function resultLine({ registration, findings }: Chapter, id: string): string {
  const finding = findings.find(({ hypothesis }) => hypothesis.id === id);
  if (finding === undefined)
    throw new Error(`${registration.id} has no hypothesis "${id}": change MAIN_RESULTS to one that it has.`);
  const { hypothesis, status, seal, estimates, level } = finding;
  const statement = escapeMarkdown(hypothesis.statement);
  const parts =
    seal?.kind === "broken"
      ? [`**seal broken**: ${statement}`]
      : [`**${status}**: ${statement}`, `${estimates.map((one) => estimateText(one, level)).join("; ")}.`];
  return [...parts, ...sealSentences(finding).map(escapeMarkdown)].join(" ");
}

function chapterNamed(chapters: readonly Chapter[], id: string): Chapter {
  const found = chapters.find(({ registration }) => registration.id === id);
  if (found === undefined) throw new Error(`There are no results of ${id}.`);
  return found;
}

/** Updates README.md and its figure from the laptop results. */
export async function updateReadme(): Promise<void> {
  const chapters = await allChapters(LEDGER_PRESET, undefined, { train: false });
  const { results, registration } = chapterNamed(chapters, "01-main-comparison");
  const intervals = armSummaries(results, registration.interval).map(({ arm, winRate }) => ({
    arm,
    ...winRate,
  }));
  const figure = winRateChart(winRateValues(results), intervals);
  const root = repositoryRoot();
  const write = (file: string, text: string) =>
    writeFileAtomically(path.join(root, file), new TextEncoder().encode(text));
  write(FIGURE, await chart(figure).svg());
  const readme = readFileSync(path.join(root, "README.md"), "utf8");
  write("README.md", withSection(readme, resultsSection(chapters)));
}
