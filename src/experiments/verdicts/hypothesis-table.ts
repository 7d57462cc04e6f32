import { numberText } from "../../report/estimate-text.ts";
import { verdictWords } from "../../report/findings-text.ts";
import { escapeHtml, type Html, html } from "../../report/html.ts";
import { pText } from "../../report/quantities.ts";
import type { Finding } from "../../verdicts/finding.ts";
import type { Registration } from "../../verdicts/registration.ts";
import { notebookTitle, numberOf } from "../names.ts";
import { type Chapter, notebookOf } from "./chapters.ts";

/** What can be chosen, each with the rows that stay. */
const FILTERS = [
  ["all", "all"],
  ["for", "for the paper"],
  ["against", "against it"],
  ["undecided", "undecided"],
  ["primary", "primary only"],
] as const;

const hide = FILTERS.slice(1)
  .map(([name]) => `.allroads-hypotheses:has([value="${name}"]:checked) tbody tr:not(.${name}, .group)`)
  .join(",\n");
/** A group whose rows are all hidden. */
const emptyGroups = FILTERS.slice(1)
  .map(([name]) => `.allroads-hypotheses:has([value="${name}"]:checked) tbody:not(:has(.${name}))`)
  .join(",\n");

const STYLE = `
.allroads-hypotheses { font: 0.8125rem/1.35 system-ui, sans-serif; }
.allroads-hypotheses fieldset { display: flex; flex-wrap: wrap; gap: 0.3em 1em; margin: 0 0 0.8em; padding: 0; border: 0; }
.allroads-hypotheses legend { float: left; margin-right: 1em; opacity: 0.75; }
.allroads-hypotheses table { width: 100%; margin: 0; border-collapse: collapse; table-layout: fixed; font-size: inherit; }
.allroads-hypotheses :is(td, th) { padding: 0.2rem 0.75rem 0.2rem 0; text-align: left; vertical-align: top; white-space: normal; overflow-wrap: break-word; }
.allroads-hypotheses td { border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent); font-variant-numeric: tabular-nums; }
.allroads-hypotheses .group th { padding-top: 0.9rem; }
.allroads-hypotheses col:nth-child(2) { width: 13.5rem; }
.allroads-hypotheses col:nth-child(3) { width: 12.5rem; }
@media (max-width: 40rem) {
  .allroads-hypotheses :is(thead, colgroup) { display: none; }
  .allroads-hypotheses :is(table, tbody) { display: block; }
  .allroads-hypotheses tr { display: flex; flex-wrap: wrap; column-gap: 1rem; padding: 0.3rem 0; }
  .allroads-hypotheses tbody tr:not(.group) { border-top: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
  .allroads-hypotheses td { padding: 0; border: 0; }
  .allroads-hypotheses td:first-child { flex: 0 0 100%; }
}
@media print {
  .allroads-hypotheses fieldset { display: none; }
  .allroads-hypotheses col:nth-child(2) { width: 27%; }
  .allroads-hypotheses col:nth-child(3) { width: 23%; }
}
${hide},
${emptyGroups} { display: none; }
`;

/**
 * Every hypothesis as a table that needs no script: grouped by notebook, and filtered by what its verdict says of the paper. A
 * row has the statement, the number with the interval that decides, and the verdict with its p-value.
 */
export function hypothesisTable(chapters: readonly Chapter[]): Html {
  const filters = FILTERS.map(
    ([name, shown]) =>
      `<label><input type="radio" name="allroads-shown" value="${name}"${name === "all" ? " checked" : ""}> ${shown}</label>`,
  ).join("");
  const groups = chapters.map(
    ({ registration, findings }) =>
      `<tbody><tr class="group"><th colspan="3" scope="rowgroup">${notebookAnchor(registration)}</th></tr>` +
      `${findings.map(row).join("")}</tbody>`,
  );
  const source =
    `<div class="allroads-hypotheses wide"><style>${STYLE}</style><fieldset><legend>Show</legend>${filters}</fieldset>` +
    `<table><colgroup><col><col><col></colgroup><thead><tr><th scope="col">hypothesis</th><th scope="col">measured, with its interval</th>` +
    `<th scope="col">verdict</th></tr></thead>${groups.join("")}</table></div>`;
  const text = chapters.flatMap(({ findings }) =>
    findings.map((one) => `${one.hypothesis.id}: ${verdictWords(one)}. ${numbers(one)}`),
  );
  return html(source, text.join("\n"));
}

/** A link to the notebook of a registration, by its number and title. */
function notebookAnchor(registration: Registration): string {
  const name = notebookOf(registration);
  return `<a href="${escapeHtml(name)}.ipynb">${escapeHtml(`${numberOf(name)} ${notebookTitle(name)}`)}</a>`;
}

function row(finding: Finding): string {
  const { hypothesis, adjustedP, test, status } = finding;
  const classes = [finding.stance ?? "", hypothesis.primary ? "primary" : ""].join(" ").trim();
  const p =
    adjustedP === undefined || test === undefined || status === "incomplete"
      ? ""
      : `, ${test.family > 1 ? "adjusted " : ""}${pText(adjustedP).replaceAll(" ", "\u00a0")}`;
  return (
    `<tr class="${classes}"><td><b>${escapeHtml(hypothesis.id)}</b> ${escapeHtml(hypothesis.statement)}</td>` +
    `<td>${escapeHtml(numbers(finding))}</td><td>${escapeHtml(verdictWords(finding) + p)}</td></tr>`
  );
}

const numbers = ({ estimates, level }: Finding) => estimates.map((one) => numberText(one, level)).join("; ");
