import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Failure } from "../setup/failure.mjs";
import { jsonOf, textOf, writeAtomically } from "../setup/files.mjs";
import { jupyterEnvironment } from "../setup/jupyter_environment.mjs";
import { paths } from "../setup/paths.mjs";
import { openingOf } from "./notebooks.mjs";

/** The template of all pages, as `execute.py` and `index_page.py` take it. */
export const TEMPLATE = { name: "report", basedir: paths.templates };

/**
 * What the index page says before all reports.
 *
 * @typedef {object} Introduction
 * @property {string} heading plain words
 * @property {string} abstract Markdown
 */

/**
 * The heading and abstract that a repository gives of itself: the description in its package.json, and the first
 * paragraph of its README.
 *
 * @returns {Introduction}
 */
export function introductionOf(root) {
  const heading = jsonOf(path.join(root, "package.json"))?.description ?? "Reports";
  return { heading, abstract: openingOf(textOf(path.join(root, "README.md")) ?? "") };
}

/**
 * Writes index.html for the executed notebooks of a folder, and charts.js, by which its pages' charts come alive.
 *
 * @param {string} folder
 * @param {Introduction} introduction
 * @param {{ reports?: boolean }} [options] with `reports` every notebook's page is made anew from its outputs too
 * @returns {string} the path of index.html
 * @throws {Failure} where the pages cannot be made
 */
export function writeIndex(folder, introduction, { reports = false } = {}) {
  const plan = { folder, ...introduction, template: TEMPLATE, reports };
  const script = path.join(paths.root, "kernel", "headless", "index_page.py");
  const run = spawnSync(paths.python, [script, JSON.stringify(plan)], {
    env: jupyterEnvironment(),
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (run.status !== 0)
    throw new Failure(
      `The index of ${folder} could not be made:\n${(run.stderr || String(run.error)).trim()}`,
    );
  writeAtomically(path.join(folder, "charts.js"), readFileSync(paths.charts));
  for (const [name, html] of Object.entries(JSON.parse(run.stdout)))
    writeAtomically(path.join(folder, name), html);
  return path.join(folder, "index.html");
}
