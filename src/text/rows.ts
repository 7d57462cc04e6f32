import { basename } from "node:path";
import { parseJson } from "../files/json.ts";
import { readUtf8 } from "../files/read-utf8.ts";
import { parseRow, type Row } from "./row.ts";

/** The largest file in bytes that is read as a whole, the longest line in characters, and the most lines of a file. */
export const ROW_LIMITS = { file: 512_000_000, line: 1_000_000, lines: 5_000_000 } as const;

/** `parseRows` of a JSONL file. Throws if the file cannot be read. */
export function readRows(path: string): Row[] {
  return parseRows(readText(path), basename(path));
}

/** The text of a JSONL file of at most 512 MB. Throws if the file cannot be read or is not UTF-8. */
export function readText(path: string): string {
  try {
    return readUtf8(path, ROW_LIMITS.file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "does not exist" : `cannot be read (${message})`;
    throw new Error(`The file ${path} ${reason}: give the path of a JSONL file of posts or preferences.`);
  }
}

/**
 * Parses JSONL text: one object per line, as `parseRow` reads it. Blank lines are ignored. Throws if a line is not a row, or
 * if there are more than 5 million lines or 1 million characters in a line; the message names `source` and the row (its
 * line, from 1).
 */
export function parseRows(text: string, source: string): Row[] {
  const rows: Row[] = [];
  let number = 0;
  for (const line of linesOf(text, source)) {
    const row = rowOfLine(line, line.length, `${source}, row ${++number}`);
    if (row !== undefined) rows.push(row);
  }
  if (rows.length === 0) throw new Error(`${source} holds no rows: it needs one JSON object per line.`);
  return rows;
}

/** The lines of a text without its byte-order mark. Throws if there are too many. */
function* linesOf(text: string, source: string): Generator<string> {
  let start = text.startsWith("\uFEFF") ? 1 : 0;
  for (let count = 1; start <= text.length; count++) {
    if (count > ROW_LIMITS.lines)
      throw new Error(`${source} has more than ${ROW_LIMITS.lines} lines; split it into several files.`);
    const end = text.indexOf("\n", start);
    yield text.slice(start, end < 0 ? text.length : end);
    start = end < 0 ? text.length + 1 : end + 1;
  }
}

/** The row of a line of `length` characters; undefined if it is blank. */
export function rowOfLine(line: string, length: number, where: string): Row | undefined {
  if (length > ROW_LIMITS.line) {
    throw new Error(
      `${where}: has ${length} characters, and a line may have ${ROW_LIMITS.line}; put each row on its own line.`,
    );
  }
  if (line.trim() === "") return undefined;
  let parsed: unknown;
  try {
    parsed = parseJson(line);
  } catch (error) {
    throw new Error(
      `${where}: not valid JSON (${(error as Error).message}); each line must hold one object.`,
    );
  }
  const { problem } = Object(parsed) as { problem?: unknown };
  if (typeof problem === "string" && Object.keys(parsed as object).length === 1) {
    throw new Error(`${where}: ${problem}`);
  }
  return parseRow(parsed, where);
}

/** A line of a converted file in place of a row that could not be converted; `rowOfLine` throws the problem. */
export function problemLine(problem: string): string {
  return JSON.stringify({ problem });
}
