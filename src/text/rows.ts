import { basename } from "node:path";
import { parseJson } from "../files/json.ts";
import { readUtf8 } from "../files/read-utf8.ts";
import { formatPost } from "./post.ts";

/** One row of a TL;DR file: a prompt with a human summary, a pair of summaries, or both. */
export interface Row {
  /** Its source, for messages: `posts.jsonl, row 3`. */
  readonly where: string;
  readonly prompt: string;
  readonly completion?: string;
  readonly chosen?: string;
  readonly rejected?: string;
}

type Fields = Record<string, unknown>;

/** The largest file in bytes, the longest line and text in characters, and the most lines of a file. */
const LIMITS = { file: 512_000_000, line: 1_000_000, text: 100_000, lines: 5_000_000 } as const;

/** `parseRows` of a JSONL file. Throws if the file cannot be read. */
export function readRows(path: string): Row[] {
  return parseRows(readText(path), basename(path));
}

/** The text of a JSONL file of at most 512 MB. Throws if the file cannot be read or is not UTF-8. */
export function readText(path: string): string {
  try {
    return readUtf8(path, LIMITS.file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "does not exist" : `cannot be read (${message})`;
    throw new Error(`The file ${path} ${reason}: give the path of a JSONL file of posts or preferences.`);
  }
}

/**
 * Parses JSONL text. Each line is an object with `completion`, or with `chosen` and `rejected`, or with all three. It also
 * has either `prompt` or the fields `subreddit`, `title` and `post` of the paper's template. Other fields and blank lines
 * are ignored. Throws if a field is missing, empty, repeated or not text, if `chosen` equals `rejected`, or if there are
 * more than 5 million lines, 1 million characters in a line or 100,000 in a field; the message names `source`, the row
 * (its line, from 1) and the field.
 */
export function parseRows(text: string, source: string): Row[] {
  const rows: Row[] = [];
  let number = 0;
  for (const line of linesOf(text, source)) {
    const where = `${source}, row ${++number}`;
    if (line.length > LIMITS.line) {
      throw new Error(
        `${where}: has ${line.length} characters, and a line may have ${LIMITS.line}; put each row on its own line.`,
      );
    }
    if (line.trim() !== "") rows.push(parseRow(line, where));
  }
  if (rows.length === 0) throw new Error(`${source} holds no rows: it needs one JSON object per line.`);
  return rows;
}

/** The lines of a text without its byte-order mark. Throws if there are too many. */
function* linesOf(text: string, source: string): Generator<string> {
  let start = text.startsWith("\uFEFF") ? 1 : 0;
  for (let count = 1; start <= text.length; count++) {
    if (count > LIMITS.lines)
      throw new Error(`${source} has more than ${LIMITS.lines} lines; split it into several files.`);
    const end = text.indexOf("\n", start);
    yield text.slice(start, end < 0 ? text.length : end);
    start = end < 0 ? text.length + 1 : end + 1;
  }
}

function parseRow(line: string, where: string): Row {
  let parsed: unknown;
  try {
    parsed = parseJson(line);
  } catch (error) {
    throw new Error(
      `${where}: not valid JSON (${(error as Error).message}); each line must hold one object.`,
    );
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new Error(`${where}: expected a JSON object with a prompt and its summaries.`);
  }
  const fields = parsed as Fields;
  const isPost = Object.hasOwn(fields, "completion");
  const isPreference = Object.hasOwn(fields, "chosen") || Object.hasOwn(fields, "rejected");
  if (!isPost && !isPreference) {
    throw new Error(`${where}: needs either "completion", or "chosen" and "rejected"; it has none of them.`);
  }
  const prompt = parsePrompt(fields, where);
  return {
    where,
    prompt,
    ...(isPost && { completion: textField(fields, "completion", where) }),
    ...(isPreference && parsePair(fields, where)),
  };
}

function parsePair(fields: Fields, where: string): { chosen: string; rejected: string } {
  const chosen = textField(fields, "chosen", where);
  const rejected = textField(fields, "rejected", where);
  if (chosen.trim() !== rejected.trim()) return { chosen, rejected };
  throw new Error(`${where}: "chosen" and "rejected" are equal; a preference needs two different summaries.`);
}

function parsePrompt(fields: Fields, where: string): string {
  const isTemplate = ["subreddit", "title", "post"].some((name) => Object.hasOwn(fields, name));
  if (Object.hasOwn(fields, "prompt") || !isTemplate) return textField(fields, "prompt", where);
  return formatPost({
    subreddit: textField(fields, "subreddit", where),
    title: textField(fields, "title", where),
    post: textField(fields, "post", where),
  });
}

/** The text in a field. Throws if it is missing, empty, too long or not text, or holds a NUL character. */
function textField(fields: Fields, name: string, where: string): string {
  const value = fields[name];
  if (value === undefined) throw new Error(`${where}: the field "${name}" is missing.`);
  if (typeof value !== "string") {
    const found = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
    throw new Error(`${where}: the field "${name}" must be text, not ${found}.`);
  }
  if (value.trim() === "") throw new Error(`${where}: the field "${name}" is empty.`);
  if (value.length > LIMITS.text) {
    throw new Error(
      `${where}: the field "${name}" has ${value.length} characters, and at most ${LIMITS.text} are read; shorten it.`,
    );
  }
  if (value.includes("\0"))
    throw new Error(`${where}: the field "${name}" holds a NUL character; take it out.`);
  return value;
}
