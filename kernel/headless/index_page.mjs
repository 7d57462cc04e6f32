import { readdirSync } from "node:fs";
import path from "node:path";
import { jsonOf, writeAtomically } from "../setup/files.mjs";
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

const STYLE = `
:root { color-scheme: light dark; }
body { font: 17px/1.55 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.7rem; line-height: 1.25; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 0.3rem; }
p { margin: 0.3rem 0; }
.facts { font-size: 0.85rem; opacity: 0.75; }
.failed { color: #c0262d; opacity: 1; font-weight: 600; }
`;

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
  const body = reports.length > 0 ? reports.map(entry).join("\n") : "<p>No report has been written yet.</p>";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(heading)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(heading)}</h1>
${body}
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
