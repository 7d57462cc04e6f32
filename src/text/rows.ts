import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { formatPost } from "./post.ts";

/** One row of a TL;DR file: a prompt with a human summary, a pair of summaries, or both. */
export interface Row {
  /** Where the row stands, for messages: `posts.jsonl, row 3`. */
  readonly where: string;
  readonly prompt: string;
  readonly completion?: string;
  readonly chosen?: string;
  readonly rejected?: string;
}

type Fields = Record<string, unknown>;

/**
 * The rows of a JSONL file, as `parseRows` reads them. Throws one sentence naming the file where it
 * cannot be read.
 */
export function readRows(path: string): Row[] {
  return parseRows(readText(path), basename(path));
}

/** The text of a file of rows. Throws one sentence naming the file where it cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "does not exist" : "cannot be read";
    throw new Error(`The file ${path} ${reason}: give the path of a JSONL file of posts or preferences.`);
  }
}

/**
 * The rows of JSONL text. Each line is an object with `completion`, or with `chosen` and `rejected`, or
 * with all three, and with either the whole `prompt` or the fields `subreddit`, `title` and `post` of
 * the paper's template. Other fields are ignored, and so are blank lines. Throws one sentence naming
 * `source`, the row (its line, from 1) and the field that is missing, empty, not text or contradictory.
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
  const prompt = promptOf(fields, where);
  const row = {
    where,
    prompt,
    ...(isPost && { completion: textOf(fields, "completion", where) }),
    ...(isPreference && {
      chosen: textOf(fields, "chosen", where),
      rejected: textOf(fields, "rejected", where),
    }),
  };
  if (isPreference && row.chosen!.trim() === row.rejected!.trim()) {
    throw new Error(
      `${where}: "chosen" and "rejected" are equal; a preference needs two different summaries.`,
    );
  }
  return row;
}

function promptOf(fields: Fields, where: string): string {
  const isTemplate = ["subreddit", "title", "post"].some((name) => name in fields);
  if ("prompt" in fields || !isTemplate) return textOf(fields, "prompt", where);
  return formatPost({
    subreddit: textOf(fields, "subreddit", where),
    title: textOf(fields, "title", where),
    post: textOf(fields, "post", where),
  });
}

/** A field that must hold text. */
function textOf(fields: Fields, name: string, where: string): string {
  const value = fields[name];
  if (value === undefined) throw new Error(`${where}: the field "${name}" is missing.`);
  if (typeof value !== "string") {
    const found = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
    throw new Error(`${where}: the field "${name}" must be text, not ${found}.`);
  }
  if (value.trim() === "") throw new Error(`${where}: the field "${name}" is empty.`);
  return value;
}
