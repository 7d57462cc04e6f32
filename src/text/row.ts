import { quoted } from "../files/quoted.ts";
import { conversation, messagesText } from "./messages.ts";
import { formatPost } from "./post.ts";

/** One row of a file: a prompt alone, with a human summary, with a pair of summaries, or both. */
export interface Row {
  /** Its source, for messages: `posts.jsonl, row 3`. */
  readonly where: string;
  readonly prompt: string;
  readonly completion?: string;
  readonly chosen?: string;
  readonly rejected?: string;
  /** Whether people want the completion; a demonstration is wanted unless its row says otherwise. */
  readonly label?: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** The fields that rows are made of; others are ignored. */
export const ROW_FIELDS: readonly string[] = [
  ...["prompt", "completion", "chosen", "rejected", "label", "messages"],
  ...["query", "reference_response", "summary", "subreddit", "title", "post", "info", "summaries", "choice"],
];

/** The most characters of a text. */
const LONGEST = 100_000;
/** The end token of GPT-NeoX and Pythia, with which summaries of published data sets end. */
const END = /(?:<\|endoftext\|>\s*)+$/;

/**
 * The row that an object of a data set is, by the names of its fields:
 *
 * - `prompt`; or `query`; or `subreddit`, `title` and `post`, also in `info`, for the paper's template; or what `chosen`
 *   and `rejected` begin with alike; or the messages before the last answer;
 * - `completion`, `reference_response`, `summary` or the last answer of `messages`, with a `label` (true or false) if
 *   people were asked whether they want it;
 * - `chosen` and `rejected`, or two `summaries` and the `choice` of one.
 *
 * Prompts and summaries are texts or lists of messages. An end token at the end of a summary is taken off. Throws if a
 * field is missing, empty, too long (100,000 characters) or not text, holds a NUL character, or if both summaries are
 * equal; the message begins with `where` and names the field.
 */
export function parseRow(value: unknown, where: string): Row {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${where}: expected a JSON object with a prompt and its summaries.`);
  }
  const fields = value as Fields;
  const has = (name: string) => Object.hasOwn(fields, name);
  const isGiven = (name: string) => has(name) && fields[name] !== null;
  const fail = (problem: string): never => {
    throw new Error(`${where}: ${problem}`);
  };

  const isPair = has("chosen") || has("rejected");
  const isComparison = !isPair && isGiven("summaries");
  const answer = ["completion", "reference_response", "messages", "summary"].find(
    (name, index) => has(name) && (index === 0 || (fields[name] !== null && !isPair && !isComparison)),
  );
  const isPrompt = ["prompt", "query", "subreddit", "title", "post"].some(has) || isGiven("info");
  if (answer === undefined && !isPair && !isComparison && !isPrompt) {
    fail('needs "prompt" alone or with "completion", or with "chosen" and "rejected"; it has none of them.');
  }

  const pair = isPair ? parsePair(fields, fail) : isComparison ? parseComparison(fields, fail) : undefined;
  const talk = answer === "messages" ? conversation(fields.messages, "messages", fail) : undefined;
  const completion =
    answer === undefined ? undefined : (talk?.answer ?? summaryText(fields[answer], answer, fail));
  const prompt = talk?.prompt ?? explicitPrompt(fields, fail) ?? pair?.prompt ?? missing("prompt", fail);
  if (pair?.prompt !== undefined && pair.prompt.trim() !== prompt.trim()) {
    fail('"prompt" is not what "chosen" and "rejected" begin with.');
  }
  const label = completion === undefined ? undefined : parseLabel(fields.label, fail);
  return {
    where,
    prompt: checkedText(prompt, "prompt", fail),
    ...(completion !== undefined && {
      completion: checkedText(completion.replace(END, ""), String(answer), fail),
    }),
    ...(pair && { chosen: pair.chosen, rejected: pair.rejected }),
    ...(label !== undefined && { label }),
  };
}

type Fail = (problem: string) => never;

interface Pair {
  /** The prompt that both begin with, if they hold it. */
  readonly prompt?: string;
  readonly chosen: string;
  readonly rejected: string;
}

function missing(name: string, fail: Fail): never {
  return fail(`the field "${name}" is missing.`);
}

/** The prompt of a row that has one apart from its summaries. */
function explicitPrompt(fields: Fields, fail: Fail): string | undefined {
  for (const name of ["prompt", "query"]) {
    if (!Object.hasOwn(fields, name)) continue;
    const value = fields[name];
    return Array.isArray(value) ? messagesText(value, name, fail) : checkedText(value, name, fail);
  }
  const { info } = fields;
  const source = typeof info === "object" && info !== null ? (info as Fields) : fields;
  if (!["subreddit", "title", "post"].some((name) => Object.hasOwn(source, name))) return undefined;
  if (source.article && !source.post) fail("is a news article, and posts are expected; take it out.");
  const text = (name: string) => checkedText(source[name], name, fail);
  return formatPost({ subreddit: text("subreddit"), title: text("title"), post: text("post") });
}

function parsePair(fields: Fields, fail: Fail): Pair {
  const names = ["chosen", "rejected"] as const;
  for (const name of names) if (!Object.hasOwn(fields, name)) missing(name, fail);
  if (names.every((name) => Array.isArray(fields[name]))) {
    const [chosen, rejected] = names.map((name) => conversation(fields[name], name, fail));
    if (chosen!.prompt !== rejected!.prompt) fail('"chosen" and "rejected" answer different prompts.');
    const prompt = chosen!.prompt;
    return { ...differing(chosen!.answer, rejected!.answer, fail), ...(prompt !== undefined && { prompt }) };
  }
  const pair = differing(fields.chosen, fields.rejected, fail);
  const isImplicit = !["prompt", "query", "info", "subreddit", "title", "post"].some((name) =>
    Object.hasOwn(fields, name),
  );
  return isImplicit ? withoutCommonPrompt(pair) : pair;
}

/** The comparison of two summaries in OpenAI's format. */
function parseComparison({ summaries, choice }: Fields, fail: Fail): Pair {
  const texts = Array.isArray(summaries) ? summaries.map((one) => (one as Fields | null)?.text) : [];
  if (texts.length !== 2) fail(`the field "summaries" must hold two summaries, not ${quoted(summaries)}.`);
  if (choice !== 0 && choice !== 1) fail(`the field "choice" must be 0 or 1, not ${quoted(choice)}.`);
  return differing(texts[Number(choice)], texts[1 - Number(choice)], fail);
}

function differing(one: unknown, other: unknown, fail: Fail): Pair {
  const chosen = summaryText(one, "chosen", fail);
  const rejected = summaryText(other, "rejected", fail);
  if (chosen.trim() !== rejected.trim()) return { chosen, rejected };
  return fail('"chosen" and "rejected" are equal; a preference needs two different summaries.');
}

/** Two texts with their prompts, divided before the first word in which they differ. */
function withoutCommonPrompt({ chosen, rejected }: Pair): Pair {
  let at = 0;
  while (at < chosen.length && chosen[at] === rejected[at]) at++;
  while (at > 0 && !/\s/.test(chosen[at - 1]!)) at--;
  if (chosen[at - 1] === " ") at--;
  const prompt = chosen.slice(0, at);
  return prompt.trim() === ""
    ? { chosen, rejected }
    : { prompt, chosen: chosen.slice(at), rejected: rejected.slice(at) };
}

/** Whether people want a completion. */
function parseLabel(label: unknown, fail: Fail): boolean | undefined {
  if (label === undefined || label === null) return undefined;
  const text = String(label).toLowerCase();
  if (["true", "1"].includes(text)) return true;
  if (["false", "0"].includes(text)) return false;
  return fail(`the field "label" must be true or false, not ${quoted(label)}.`);
}

/** A summary as text, without an end token at its end. */
function summaryText(value: unknown, name: string, fail: Fail): string {
  if (typeof value === "string") return checkedText(value.replace(END, ""), name, fail);
  if (!Array.isArray(value) || typeof value[0] !== "object") return checkedText(value, name, fail);
  const { prompt, answer } = conversation(value, name, fail);
  if (prompt !== undefined)
    fail(`the field "${name}" has messages before the answer; move them to "prompt".`);
  return checkedText(answer.replace(END, ""), name, fail);
}

/** The text of a field. Fails if it is missing, empty, too long or not text, or holds a NUL character. */
function checkedText(value: unknown, name: string, fail: Fail): string {
  if (value === undefined) return missing(name, fail);
  if (typeof value !== "string") {
    const found = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
    return fail(`the field "${name}" must be text, not ${found}.`);
  }
  if (value.trim() === "") fail(`the field "${name}" is empty.`);
  if (value.length > LONGEST) {
    fail(`the field "${name}" has ${value.length} characters, and at most ${LONGEST} are read; shorten it.`);
  }
  if (value.includes("\0")) fail(`the field "${name}" holds a NUL character; take it out.`);
  return value;
}
