import { readFileSync } from "node:fs";
import { basename } from "node:path";
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

/** `parseRows` of a JSONL file. Throws if the file cannot be read. */
export function readRows(path: string): Row[] {
  return parseRows(readText(path), basename(path));
}

/** The text of a JSONL file. Throws if the file cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "does not exist" : "cannot be read";
    throw new Error(`The file ${path} ${reason}: give the path of a JSONL file of posts or preferences.`);
  }
}

/**
 * Parses JSONL text. Each line is an object with `completion`, or with `chosen` and `rejected`, or with all three. It also
 * has either `prompt` or the fields `subreddit`, `title` and `post` of the paper's template. Other fields and blank lines
 * are ignored. Throws if a field is missing, empty or not text, or if `chosen` equals `rejected`; the message names
 * `source`, the row (its line, from 1) and the field.
 */
export function parseRows(text: string, source: string): Row[] {
  const rows = text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .map((line, index) => ({ line, where: `${source}, row ${index + 1}` }))
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, where }) => parseRow(line, where));
  if (rows.length === 0) throw new Error(`${source} holds no rows: it needs one JSON object per line.`);
  return rows;
}

function parseRow(line: string, where: string): Row {
  let fields: Fields;
  try {
    fields = JSON.parse(line);
  } catch (error) {
    throw new Error(
      `${where}: not valid JSON (${(error as Error).message}); each line must hold one object.`,
    );
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new Error(`${where}: expected a JSON object with a prompt and its summaries.`);
  }
  const isPost = "completion" in fields;
  const isPreference = "chosen" in fields || "rejected" in fields;
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
  const isTemplate = ["subreddit", "title", "post"].some((name) => name in fields);
  if ("prompt" in fields || !isTemplate) return textField(fields, "prompt", where);
  return formatPost({
    subreddit: textField(fields, "subreddit", where),
    title: textField(fields, "title", where),
    post: textField(fields, "post", where),
  });
}

/** The text in a field. Throws if it is missing, empty or not text. */
function textField(fields: Fields, name: string, where: string): string {
  const value = fields[name];
  if (value === undefined) throw new Error(`${where}: the field "${name}" is missing.`);
  if (typeof value !== "string") {
    const found = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
    throw new Error(`${where}: the field "${name}" must be text, not ${found}.`);
  }
  if (value.trim() === "") throw new Error(`${where}: the field "${name}" is empty.`);
  return value;
}
