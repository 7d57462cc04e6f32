import { seedsText } from "../../report/answer.ts";
import { numberText } from "../../report/estimate-text.ts";
import { verdictWords } from "../../report/findings-text.ts";
import { escapeHtml, type Html, html } from "../../report/html.ts";
import type { Finding } from "../../verdicts/finding.ts";
import { type Chapter, notebookOf } from "./chapters.ts";
import { type JudgedClaim, judgedClaims } from "./claims.ts";
import { leaning, sideColour } from "./sides.ts";

const STYLE = `
.allroads-cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); font: 0.875rem/1.45 system-ui, sans-serif; }
.allroads-cards > p { grid-column: 1 / -1; opacity: 0.8; }
.allroads-cards > div { padding: 0.9rem 1.1rem; border: 1px solid color-mix(in srgb, currentColor 22%, transparent); border-top: 4px solid var(--side); border-radius: 6px; break-inside: avoid; }
.allroads-cards h3 { margin: 0 0 0.2em; font-size: 1rem; }
.allroads-cards p { margin: 0 0 0.6em; }
.allroads-cards p:last-child { margin: 0; }
.allroads-cards dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.35em 0.8em; margin: 0; }
.allroads-cards :is(dt, dd) { margin: 0; }
.allroads-cards dt { opacity: 0.75; }
`;

const SOURCES =
  "Paper: Swamy et al., arXiv 2503.01067, as read in a digest and in lecture slides; the registration at the end of each " +
  "notebook has the source of each number.";

/**
 * A card for the main claim and for each of H1 to H6: the paper's claim and number with its source, ours with its interval, the
 * verdict, and the control that matters most.
 */
export function claimCards(chapters: readonly Chapter[]): Html {
  const claims = judgedClaims(chapters);
  const text = claims.map(({ title, finding }) => `${title}: ${verdictWords(finding)}. ${measured(finding)}`);
  const cards = claims.map(card).join("");
  return html(
    `<div class="allroads-cards wide"><style>${STYLE}</style>${cards}<p>${SOURCES}</p></div>`,
    text.join("\n"),
  );
}

function card({ title, chapter, finding, controlFinding }: JudgedClaim): string {
  const { registration } = chapter;
  const [reported] = registration.reported;
  const rows = [
    ["Paper", reported?.statement ?? ""],
    ["Tested", finding.hypothesis.statement],
    ["Here", measured(finding)],
    [
      "Control",
      `${controlFinding.hypothesis.statement} ${measured(controlFinding)} ${verdictWords(controlFinding)}.`,
    ],
  ].filter(([, value]) => value !== "");
  const list = rows.map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value ?? "")}</dd>`).join("");
  const link = `<a href="${escapeHtml(notebookOf(registration))}.ipynb">${escapeHtml(title)}</a>`;
  return (
    `<div style="--side: ${sideColour(finding)}"><h3>${link}</h3>` +
    `<p><strong>${escapeHtml(verdictWords(finding))}</strong>${escapeHtml(soFar(finding))}</p><dl>${list}</dl></div>`
  );
}

/** On which side the estimate lies while there is no verdict: ", so far for the paper". */
function soFar(finding: Finding): string {
  const side = leaning(finding);
  if (finding.status !== "incomplete" || side === undefined) return "";
  return side === "undecided" ? ", so far undecided" : `, so far ${side} the paper`;
}

/** "+8.3 [−12.7, +29.3] points, 2 seeds." */
function measured(finding: Finding): string {
  const { estimates, level } = finding;
  if (estimates.length === 0) return "Not measured.";
  return `${estimates.map((one) => numberText(one, level)).join("; ")}, ${seedsText(finding)}.`;
}
