import type { DataFrame } from "danfojs-node";
import { type Claim, type Claims, claimNamed, type Judgement } from "./claims.ts";
import { rowsTable } from "./tables.ts";

/** The rule by which claims are judged, as Markdown. */
export function claimsRule({ registered, rule, claims, seed, instances }: Claims): string {
  const sizes = Object.entries(instances).map(([preset, count]) => `${preset} ${count}`);
  return [
    `${claims.length} claims, registered on ${registered}. *Holds*: ${rule.holds} *Fails*: ${rule.fails}`,
    `Random instances per claim: ${sizes.join(", ")}; seed ${seed}.`,
  ].join("\n\n");
}

/** Claims as Markdown before they are computed: statement, source, what would refute it, and the bound. */
export function claimsText(registered: Claims, ids: readonly string[]): string {
  const item = ({ statement, source, measure, bound, "refuted by": refuted }: Claim) =>
    [
      `- **Claim.** ${statement}`,
      `*Source.* ${sentence(source)}`,
      `*Refuted by.* ${refuted}`,
      `*Measured.* ${sentence(measure)} Claimed: ${boundText(bound)}.`,
    ].join("<br>\n  ");
  return ids.map((id) => item(claimNamed(registered, id))).join("\n");
}

/** What came out of each claim, in a list of sentences that are made of its numbers alone. */
export function judgementsText(judgements: readonly Judgement[]): string {
  return judgements.map((judgement) => `- ${judgementSentence(judgement)}`).join("\n");
}

/** One claim's verdict, for example "lemma-identity **holds**: at most 3.1e-13 over 200 instances (claimed: at most 1e-12)." */
export function judgementSentence({ claim, holds, extreme, instances, beyond }: Judgement): string {
  const claimed = `claimed: ${boundText(claim.bound)}`;
  const side = claim.bound["at most"] === undefined ? "at least" : "at most";
  if (holds) return `${claim.id} **holds**: ${side} ${short(extreme)} over ${count(instances)} (${claimed}).`;
  return `${claim.id} **fails**: beyond the bound on ${beyond} of ${count(instances)}, at the furthest ${short(extreme)} (${claimed}).`;
}

/** All verdicts in one table. Throws where there are none. */
export function judgementsTable(judgements: readonly Judgement[]): DataFrame {
  return rowsTable(
    judgements.map(({ claim, holds, extreme, instances }) => ({
      claim: claim.id,
      verdict: holds ? "holds" : "fails",
      computed: short(extreme),
      claimed: boundText(claim.bound),
      instances,
    })),
  );
}

/** How many of the claims hold, in a sentence that names those that do not. */
export function judgementsSummary(judgements: readonly Judgement[]): string {
  const failing = judgements.filter(({ holds }) => !holds).map(({ claim }) => claim.id);
  const all = judgements.length;
  if (failing.length === 0) return `All ${all} claims hold.`;
  return `${all - failing.length} of ${all} claims hold; ${failing.join(", ")} ${failing.length === 1 ? "fails" : "fail"}.`;
}

/** A number in as few characters as tell its size: three digits, or a power of ten. */
export function short(value: number): string {
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e6)
      ? size.toExponential(1).replace(".0e", "e")
      : String(Number(size.toPrecision(3)));
  return value < 0 ? `−${text}` : text;
}

function boundText({ "at most": most, "at least": least }: Claim["bound"]): string {
  return most === undefined ? `at least ${short(least!)}` : `at most ${short(most)}`;
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
const count = (n: number) => `${n} instance${n === 1 ? "" : "s"}`;
