import type { DataFrame } from "danfojs-node";
import { shortNumber } from "../../report/charts/values.ts";
import { rowsTable } from "../../report/tables.ts";
import type { Claim, Claims, Judgement } from "../../verdicts/claims.ts";

/** The rule by which claims are judged, as Markdown. */
export function claimsRule({ registered, rule, claims, seed, instances }: Claims): string {
  const sizes = Object.entries(instances).map(([preset, count]) => `${preset} ${count}`);
  return [
    `${claims.length} claims, registered on ${registered}. *Holds*: ${rule.holds} *Fails*: ${rule.fails}`,
    `Random instances per claim: ${sizes.join(", ")}; seed ${seed}.`,
  ].join("\n\n");
}

/** Claims with what came out, as a Markdown list: statement, source, what would refute it, and the verdict. */
export function judgementsText(judgements: readonly Judgement[]): string {
  return judgements
    .map((judgement) => {
      const { statement, source, measure, "refuted by": refuted } = judgement.claim;
      return [
        `- **${plain(statement)}**`,
        `*Source:* ${plain(sentence(source))} *Refuted by:* ${plain(refuted)}`,
        `*Computed:* ${plain(sentence(measure))} ${verdictSentence(judgement)}`,
      ].join("<br>\n  ");
    })
    .join("\n");
}

/** A verdict alone, for example "**Holds**: at most 3.1e-13 over 200 instances (claimed: at most 1e-12)." */
export function verdictSentence({ claim, holds, extreme, instances, beyond }: Judgement): string {
  const claimed = `claimed: ${boundText(claim.bound)}`;
  const side = claim.bound["at most"] === undefined ? "at least" : "at most";
  if (holds) return `**Holds**: ${side} ${shortNumber(extreme)} over ${count(instances)} (${claimed}).`;
  return `**Fails**: beyond the bound on ${beyond} of ${count(instances)}, at the furthest ${shortNumber(extreme)} (${claimed}).`;
}

/** All verdicts in one table. Throws where there are none. */
export function judgementsTable(judgements: readonly Judgement[]): DataFrame {
  return rowsTable(
    judgements.map(({ claim, holds, extreme, instances }) => ({
      claim: claim.id,
      verdict: holds ? "holds" : "fails",
      computed: shortNumber(extreme),
      claimed: boundText(claim.bound),
      instances,
    })),
  );
}

/** How many of the registered claims hold, in a sentence that names those that do not and those not computed. */
export function judgementsSummary({ claims }: Claims, judgements: readonly Judgement[]): string {
  const judged = judgements.map(({ claim }) => claim.id);
  const failing = judgements.filter(({ holds }) => !holds).map(({ claim }) => claim.id);
  const absent = claims.map(({ id }) => id).filter((id) => !judged.includes(id));
  const held = judged.length - failing.length;
  const parts = [
    held === claims.length ? `All ${claims.length} claims hold` : `${held} of ${claims.length} claims hold`,
    ...(failing.length > 0 ? [`not: ${failing.join(", ")}`] : []),
    ...(absent.length > 0 ? [`not computed: ${absent.join(", ")}`] : []),
  ];
  return `${parts.join("; ")}.`;
}

function boundText({ "at most": most, "at least": least }: Claim["bound"]): string {
  return most === undefined ? `at least ${shortNumber(least!)}` : `at most ${shortNumber(most)}`;
}

/** Text as Markdown shows it, its stars and underscores included. */
const plain = (text: string) => text.replace(/[\\*_<`]/g, "\\$&");
const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
const count = (n: number) => `${n} instance${n === 1 ? "" : "s"}`;
