import { readFileSync } from "node:fs";
import path from "node:path";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { repositoryRoot } from "../files/repository.ts";
import { LEDGER_PRESET } from "./results-source.ts";
import { allChapters } from "./verdicts/chapters.ts";
import { type FrontPage, frontPage, frontPageMarkdown } from "./verdicts/front-page.ts";

/*
 * `npm run readme`: writes the front page's text from the ledger into README.md, between its two marks, and its figure into
 * data/results/laptop.
 */

const FIGURE = {
  path: "data/results/laptop/win-rate-by-epochs.svg",
  text: "Win rate of both roads by epochs",
};
const BEGIN = "<!-- results: written by `npm run readme` -->";
const END = "<!-- end of results -->";

/** The readme with `section` between its two marks. Throws if a mark is missing. */
export function withSection(readme: string, section: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error(`README.md must hold the lines "${BEGIN}" and "${END}" in this order: put them back.`);
  }
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${section}\n\n${readme.slice(end)}`;
}

/** The front page in Markdown, with a pointer to every hypothesis. */
export function resultsSection(page: FrontPage): string {
  return [
    frontPageMarkdown(page, FIGURE),
    "Every hypothesis with its numbers, for and against: [`notebooks/14-verdicts.ipynb`](notebooks/14-verdicts.ipynb).",
  ].join("\n\n");
}

/** Updates README.md and its figure from the laptop results. */
export async function updateReadme(): Promise<void> {
  const page = frontPage(await allChapters(LEDGER_PRESET, undefined, { train: false }));
  const root = repositoryRoot();
  const write = (file: string, text: string) =>
    writeFileAtomically(path.join(root, file), new TextEncoder().encode(text));
  write(FIGURE.path, await page.figure.svg());
  const readme = readFileSync(path.join(root, "README.md"), "utf8");
  write("README.md", withSection(readme, resultsSection(page)));
}
