import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { jsonOf, writeAtomically } from "../setup/files.mjs";
import { paths } from "../setup/paths.mjs";
import { duration } from "../setup/say.mjs";

/**
 * @typedef {object} Report one executed notebook, as its metadata tells
 * @property {string} name
 * @property {string} title
 * @property {string} abstract
 * @property {string} preset
 * @property {string} status "done", "failed" or "interrupted"
 * @property {string} started ISO 8601
 * @property {number} seconds
 */

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text) => String(text).replace(/[&<>"]/g, (character) => ENTITIES[character]);

const STATUS = { failed: "stopped at an error", interrupted: "interrupted" };

/** One report as a piece of HTML. */
function entry(report) {
  const trouble = STATUS[report.status];
  const facts = [
    `preset ${escaped(report.preset)}`,
    `ran for ${duration(report.seconds * 1000)}`,
    `${escaped(report.started.slice(0, 16).replace("T", " "))} UTC`,
    ...(trouble ? [`<span class="failed">${trouble}</span>`] : []),
  ];
  return `<article>
<h2><a href="${encodeURIComponent(report.name)}.html">${escaped(report.title)}</a></h2>
<p>${escaped(report.abstract)}</p>
<p class="facts">${facts.join(" · ")}</p>
</article>`;
}

/** The page that lists the reports: one file, no script, nothing loaded from elsewhere. */
export function indexPage(heading, reports) {
  const style = readFileSync(path.join(paths.templates, "report", "page.css"), "utf8");
  const body = reports.length > 0 ? reports.map(entry).join("\n") : "<p>No report has been written yet.</p>";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(heading)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(heading)}</h1>
${body}
</main>
</body>
</html>
`;
}

/** The reports in a folder: every executed notebook there that has its HTML beside it. */
export function reportsIn(folder) {
  const files = readdirSync(folder);
  const names = files.filter((file) => file.endsWith(".ipynb")).map((file) => path.basename(file, ".ipynb"));
  return names
    .filter((name) => files.includes(`${name}.html`))
    .sort()
    .flatMap((name) => {
      const facts = jsonOf(path.join(folder, `${name}.ipynb`))?.metadata?.allroads;
      return facts ? [/** @type {Report} */ ({ name, ...facts })] : [];
    });
}

/** Writes index.html for the reports in a folder, and returns its path. */
export function writeIndex(folder, heading) {
  const file = path.join(folder, "index.html");
  writeAtomically(file, indexPage(heading, reportsIn(folder)));
  return file;
}
