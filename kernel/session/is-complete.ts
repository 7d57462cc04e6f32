import { emit } from "./emit.ts";
import { mayBeJsx } from "./parser.ts";

/** The content of an `is_complete_reply`. */
export type Completeness =
  | { status: "complete" | "invalid" | "unknown" }
  | { status: "incomplete"; indent: string };

const unexpectedEnd = /end of file|Expected "\*\/" to terminate/i;
const unterminatedString = /Unterminated string/i;

/** Indentation of the next line: that of the last line, one level deeper after an opening bracket. */
function nextIndent(source: string): string {
  const lastLine = source.trimEnd().split("\n").at(-1) ?? "";
  const indent = lastLine.slice(0, lastLine.length - lastLine.trimStart().length);
  return /[{([]\s*$/.test(lastLine) ? `${indent}  ` : indent;
}

async function firstSyntaxError(source: string): Promise<string | undefined> {
  const emitted = await emit(source, "cell.ts");
  if (!("errors" in emitted)) return undefined;
  const asJsx = mayBeJsx(source) ? await emit(source, "cell.tsx") : emitted;
  return "errors" in asJsx ? asJsx.errors[0].message : undefined;
}

/**
 * Whether a cell is complete, could be completed by more lines, or is invalid in any case. `translate` turns its magics into
 * TypeScript.
 */
export async function isComplete(
  source: string,
  translate: (source: string) => string = (text) => text,
): Promise<Completeness> {
  // A cell that is not TypeScript ends with an empty line.
  if (/^\s*%%(?!time\b)\w/.test(source))
    return /\n\s*\n$/.test(source) ? { status: "complete" } : { status: "incomplete", indent: "" };
  const message = await firstSyntaxError(translate(source));
  if (message === undefined) return { status: "complete" };
  // A template literal may span lines, other string literals may not: only the former is closed by a backtick.
  const inTemplate =
    unterminatedString.test(message) &&
    !unterminatedString.test((await firstSyntaxError(`${source}\``)) ?? "");
  return inTemplate || unexpectedEnd.test(message)
    ? { status: "incomplete", indent: nextIndent(source) }
    : { status: "invalid" };
}
