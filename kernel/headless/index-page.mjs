import { spawnSync } from "node:child_process";
import path from "node:path";
import { Failure } from "../setup/failure.mjs";
import { readJson, readText, writeAtomically } from "../setup/files.mjs";
import { jupyterEnvironment } from "../setup/jupyter-environment.mjs";
import { paths } from "../setup/paths.mjs";
import { firstParagraph } from "./notebooks.mjs";

/** The template of all pages, in the form that `execute.py` and `index_page.py` expect. */
export const TEMPLATE = { name: "report", basedir: paths.templates, charts: paths.charts };

/**
 * The introduction of the index page.
 *
 * @typedef {object} Introduction
 * @property {string} heading plain text
 * @property {string} abstract Markdown
 */

/**
 * The introduction of a repository: the description in package.json and the first paragraph of README.md.
 *
 * @returns {Introduction}
 */
export function readIntroduction(root) {
  const heading = readJson(path.join(root, "package.json"))?.description ?? "Reports";
  return { heading, abstract: firstParagraph(readText(path.join(root, "README.md")) ?? "") };
}

/**
 * Writes index.html for the executed notebooks of a folder. Those that are damaged are left out.
 *
 * @param {string} folder
 * @param {Introduction} introduction
 * @param {{ reports?: boolean }} [options] `reports` also rewrites the page of every notebook, from its saved outputs
 * @returns {{ file: string, problems: string[] }} the path of index.html, and a sentence for each notebook left out
 * @throws {Failure} if the pages cannot be made or written
 */
export function writeIndex(folder, introduction, { reports = false } = {}) {
  const plan = { folder, ...introduction, template: TEMPLATE, reports };
  const script = path.join(paths.root, "kernel", "headless", "index_page.py");
  const run = spawnSync(paths.python, [script, JSON.stringify(plan)], {
    env: jupyterEnvironment(),
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  const what = `The index page of ${folder} could not be made: ${(run.stderr || String(run.error)).trim()}`;
  if (run.status === 2) throw new Failure(what);
  if (run.status !== 0) throw new Error(what);
  const { pages, problems } = JSON.parse(run.stdout);
  for (const [name, html] of Object.entries(pages)) writeAtomically(path.join(folder, name), html);
  return { file: path.join(folder, "index.html"), problems };
}
