import { parameterCount } from "../../models/gpt-neox.ts";
import { type Chart, chart } from "../../report/chart.ts";
import { display } from "../../report/display.ts";
import { numberText, signedInterval } from "../../report/estimate-text.ts";
import { escapeHtml, type Html, html } from "../../report/html.ts";
import { escapeMarkdown, markdownTable } from "../../report/markdown.ts";
import { arms } from "../../results/labels.ts";
import { type Estimated, estimated, isMeasured } from "../../verdicts/estimates.ts";
import type { Finding } from "../../verdicts/finding.ts";
import { equalEpochs } from "../main-comparison/report.ts";
import { tunedConfig } from "../tuned/laboratory.ts";
import { epochsChart } from "../tuned/report.ts";
import type { Chapter } from "./chapters.ts";
import { findingOf, type JudgedClaim, judgedClaims, numberOf } from "./claims.ts";
import { leaning } from "./sides.ts";

/** What a reader should know first. Texts are plain. */
export interface FrontPage {
  readonly question: string;
  /** Win rate of both roads by epochs. */
  readonly figure: Chart;
  /** Online less offline in win rate, by epochs. */
  readonly rows: readonly { readonly epochs: string; readonly fromSft: string; readonly fromDpo: string }[];
  /** What came out, what decides how to read it, what speaks against the paper, and what is left of its explanation. */
  readonly sentences: readonly string[];
  readonly scale: string;
}

const QUESTION =
  "Fitting a reward model to preferences and then doing RL against it (online) is said to beat maximising the same " +
  "preferences' likelihood directly (offline), because verifying is easier than generating (Swamy et al., arXiv " +
  "2503.01067). Does it, and is that why?";

/** The head of the table of differences. */
const HEAD = ["online less offline, points", "from SFT", "from one-epoch DPO"] as const;

const CAPTION = "Win rate by epochs, each number a run of its own";

const scaleSentence = () =>
  `The policies have ${Math.round(parameterCount(tunedConfig("laptop").model) / 1000)} thousand parameters and the posts are ` +
  "artificial: signs and orders can be compared with the paper, sizes of effects cannot.";

/** The front page of the main comparison and H1 to H6. Throws if the chapters lack one of them. */
export function frontPage(chapters: readonly Chapter[]): FrontPage {
  const all = judgedClaims(chapters);
  const claim = (id: string): JudgedClaim => {
    const found = all.find(({ hypothesis }) => hypothesis === id);
    if (found === undefined)
      throw new Error(`There are no results of ${id}: run or read its experiment too.`);
    return found;
  };
  const main = claim("main");
  const { results, registration } = main.chapter;
  const difference = ([treatment, control]: (typeof equalEpochs)[number]): string => {
    const estimate = { metric: "greedy-win-rate", treatment, control };
    if (!isMeasured(results, estimate)) return "not measured";
    return signedInterval(estimated(results, estimate, registration.interval), "share");
  };
  const [fromSft, fromDpo] = [equalEpochs.slice(0, 3), equalEpochs.slice(3)];
  return {
    question: QUESTION,
    figure: chart(
      epochsChart(results, "greedy-win-rate", {
        arms: [arms.dpo, arms.onlineSft],
        title: CAPTION,
      }),
    ),
    rows: ["one epoch each", "two epochs each", "best epoch each"].map((epochs, at) => ({
      epochs,
      fromSft: difference(fromSft[at]!),
      fromDpo: difference(fromDpo[at]!),
    })),
    sentences: [
      `Online DPO from SFT less offline DPO, tuned alike and each at its best number of epochs: ${verdictAfter(main.finding)}.${waitingSentence(main.finding)}`,
      controlsSentence(main.chapter),
      againstSentence(all, chapters),
      explanationSentence(claim("H6")),
    ],
    scale: scaleSentence(),
  };
}

/** "+10.0 [+8.6, +11.4] points, supported"; only the number while seeds are missing, only the verdict without a number. */
function verdictAfter(finding: Finding): string {
  const { status, seal, level } = finding;
  const verdict = seal?.kind === "broken" ? "seal broken" : status;
  const number = numberOf(finding);
  if (number === undefined) return verdict;
  return numberText(number, level) + (verdict === "incomplete" ? "" : `, ${verdict}`);
}

/** How many seeds there are while some are missing: no verdict is given before. */
function waitingSentence({ status, seeds, registration }: Finding): string {
  const registered = registration.seeds.test.laptop ?? [];
  return status === "incomplete"
    ? ` There is no verdict on any hypothesis yet: ${seeds.length} of ${registered.length} seeds have been run.`
    : "";
}

/** The same difference where the two roads are equally far, sharp or expensive. */
function controlsSentence(chapter: Chapter): string {
  const at = (id: string, what: string) => {
    const finding = findingOf(chapter, id);
    return numberOf(finding) === undefined
      ? `at ${what} the two never meet on some seed`
      : `at ${what} ${verdictAfter(finding)}`;
  };
  return (
    `The same along their epochs: ${at("equal-kl", "equal KL from SFT")}; ${at("equal-computing", "equal computing")}; ` +
    `${at("equal-entropy", "equal entropy")}.`
  );
}

/**
 * The claims that the data speak against or leave undecided, with their numbers, and how the secondary hypotheses came out;
 * while seeds are missing the claims that the data lean against.
 */
function againstSentence(all: readonly JudgedClaim[], chapters: readonly Chapter[]): string {
  const listed = (side: Finding["stance"]) =>
    all
      .filter(({ finding }) => leaning(finding) === side)
      .map(
        ({ hypothesis, subject, finding }) =>
          `${hypothesis} (${subject} ${numberOrNone(numberOf(finding), finding.level)})`,
      )
      .join(", ");
  const waiting = all.some(({ finding }) => finding.status === "incomplete");
  const [against, undecided] = [listed("against"), listed("undecided")];
  const primaries =
    `${waiting ? "So far the data lean" : "The data speak"} against ` +
    (against === ""
      ? "none of the paper's answers on the main claim and H1 to H6"
      : `the paper's answer on ${against}`);
  if (waiting) return `${primaries}.`;
  return `${primaries}${undecided === "" ? "" : `, and do not decide ${undecided}`}. ${secondarySentence(chapters)}`;
}

/** How many secondary hypotheses speak for and against the paper, with the names of the latter. */
function secondarySentence(chapters: readonly Chapter[]): string {
  const secondary = chapters
    .flatMap(({ findings }) => findings)
    .filter(({ hypothesis, stance }) => !hypothesis.primary && stance !== undefined);
  const on = (side: Finding["stance"]) => secondary.filter(({ stance }) => stance === side);
  const against = on("against").map(({ hypothesis }) => hypothesis.id);
  return (
    `Of ${secondary.length} secondary hypotheses ${on("for").length} speak for it, ${on("undecided").length} are undecided, ` +
    `and ${against.length} against it${against.length === 0 ? "" : `: ${against.join(", ")}`}.`
  );
}

const numberOrNone = (number: Estimated | undefined, level: number) =>
  number === undefined ? "not measured" : numberText(number, level);

/** What labels of the policy's own class leave of the gain, and what the reward model's add. */
function explanationSentence({ finding, controlFinding }: JudgedClaim): string {
  return (
    "The explanation: with labels of a reward model of the policy's own class, online less offline is " +
    `${equivalenceAfter(controlFinding)}; the global reward model's labels add ${verdictAfter(finding)}.`
  );
}

/** "+2.0 [+0.9, +3.1] points, not shown to be within 3". */
function equivalenceAfter(finding: Finding): string {
  const number = numberOf(finding);
  const { rule } = finding.hypothesis;
  if (number === undefined || finding.seal?.kind === "broken" || !("margin" in rule))
    return verdictAfter(finding);
  const within = `within ${100 * rule.margin}`;
  const words: Partial<Record<Finding["status"], string>> = {
    supported: `, which is ${within}`,
    refuted: `, which is not ${within}`,
    "not shown": `, not shown to be ${within}`,
    uninformative: ", uninformative",
  };
  return numberText(number, finding.level) + (words[finding.status] ?? "");
}

/** The front page in Markdown, with the figure as an image of this path. */
export function frontPageMarkdown(
  { question, rows, sentences, scale }: FrontPage,
  figure: { readonly path: string; readonly text: string },
): string {
  const table = markdownTable(
    HEAD,
    rows.map(({ epochs, fromSft, fromDpo }) => [epochs, fromSft, fromDpo]),
  );
  return [
    escapeMarkdown(question),
    `![${escapeMarkdown(figure.text)}](${figure.path})`,
    table,
    sentences.map((sentence) => `- ${escapeMarkdown(sentence)}`).join("\n"),
    escapeMarkdown(scale),
  ].join("\n\n");
}

const STYLE = `
.allroads-front { font: 0.875rem/1.45 system-ui, sans-serif; }
.allroads-front > p { font-size: 1rem; max-width: 58rem; margin: 0 0 1em; }
.allroads-front > div { display: grid; gap: 1rem 2rem; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); align-items: start; }
.allroads-front figure { width: auto; margin: 0; padding: 0; }
.allroads-front svg { display: block; width: 100% !important; max-width: none !important; height: auto; border-radius: 6px; background: #fff; }
.allroads-front figcaption { margin-top: 0.5em; }
.allroads-front table { width: 100%; margin: 0 0 1em; font-size: inherit; border-collapse: collapse; }
.allroads-front :is(td, th) { padding: 0.3em 0.5em 0.3em 0; text-align: left; vertical-align: top; font-variant-numeric: tabular-nums; }
.allroads-front li { margin: 0 0 0.45em; }
.allroads-front ul { margin: 0; padding-left: 1.1em; }
`;

/** A figure for half of a page, without its title. */
async function drawing(figure: Chart): Promise<string> {
  const shown = await figure[display]();
  return String(shown["image/svg+xml;layout=narrow"] ?? shown["image/svg+xml"]);
}

/** The front page as HTML: the question, and beside the figure the three rows and the sentences. */
export async function frontPageHtml(page: FrontPage): Promise<Html> {
  const { question, figure, rows, sentences, scale } = page;
  const cells = (tag: string, texts: readonly string[]) =>
    `<tr>${texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join("")}</tr>`;
  const head = cells("th", HEAD);
  const body = rows.map(({ epochs, fromSft, fromDpo }) => cells("td", [epochs, fromSft, fromDpo])).join("");
  const items = [...sentences, scale].map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join("");
  const source =
    `<div class="allroads-front wide"><style>${STYLE}</style><p>${escapeHtml(question)}</p>` +
    `<div><figure class="drawing">${await drawing(figure)}<figcaption>${CAPTION}</figcaption></figure>` +
    `<div><table><thead>${head}</thead><tbody>${body}</tbody></table><ul>${items}</ul></div></div></div>`;
  const text = [question, ...rows.map((row) => Object.values(row).join("  ")), ...sentences, scale].join(
    "\n",
  );
  return html(source, text);
}
