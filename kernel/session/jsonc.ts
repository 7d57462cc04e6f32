import { positionOf } from "../shared/edits.ts";

/** A string, or a comment. */
const stringOrComment = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
/** A string, or a comma before a closing bracket. */
const stringOrTrailingComma = /"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])/g;

const blank = (text: string) => text.replace(/[^\n]/g, " ");

const tokens = /(?:\s*(?:"(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*|true\b|false\b|null\b|[{}[\],:]))*\s*/y;

/** Where the first thing is that is no token of JSON; undefined if there is none. */
function strayOffset(text: string): number | undefined {
  tokens.lastIndex = 0;
  const { length } = tokens.exec(text)?.[0] ?? "";
  return length < text.length ? length : undefined;
}

/** The error of `JSON.parse` with its place, as far as it can be told: "not valid JSON (line 2, column 5)". */
function describe(text: string, message: string): string {
  const position = /at position (\d+)/.exec(message)?.[1];
  const offset = position === undefined ? strayOffset(text) : Number(position);
  if (offset === undefined) return "not valid JSON";
  const { line, column } = positionOf(text, offset);
  return `not valid JSON (line ${line + 1}, column ${column + 1})`;
}

/** What is wrong with a text that should be JSON with comments and trailing commas; undefined if nothing is. */
export function jsonProblem(source: string): string | undefined {
  const keepStrings = (match: string) => (match.startsWith('"') ? match : blank(match));
  const text = source
    .replace(/^\uFEFF/, "")
    .replace(stringOrComment, keepStrings)
    .replace(stringOrTrailingComma, keepStrings);
  if (text.trim() === "") return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return describe(text, (error as Error).message);
  }
}
