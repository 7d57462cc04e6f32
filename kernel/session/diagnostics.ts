import { visibleText } from "../display/visible.mjs";
import type { ErrorContent } from "../shared/thread-messages.ts";
import type { Diagnostic } from "./cell-diagnostics.ts";
import type { SourceError } from "./emit.ts";
import { isPackageSpecifier, packageName } from "./specifiers.ts";

/** Maximum number of errors or warnings listed for one cell. */
const maxErrors = 10;

const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
const dim = (text: string) => `\u001b[2m${text}\u001b[22m`;

/** The source lines around an error, with a marker below the error's range. Line and column count from 0. */
export function codeFrame(source: string, { line, column, length }: Omit<SourceError, "message">): string[] {
  const lines = source.split("\n");
  const first = Math.max(0, line - 2);
  const last = Math.min(lines.length - 1, line + 1);
  const width = String(last + 1).length;
  const frame: string[] = [];
  for (const [offset, text] of lines.slice(first, last + 1).entries()) {
    const isErrorLine = first + offset === line;
    const number = String(first + offset + 1).padStart(width);
    frame.push(`${isErrorLine ? red(">") : " "} ${dim(`${number} |`)} ${visibleText(text)}`);
    if (!isErrorLine) continue;
    const room = Math.max(1, text.length - column);
    const indent = visibleText(text.slice(0, column)).replace(/[^\t]/g, " ");
    const marker = red("^".repeat(Math.max(1, Math.min(length, room))));
    frame.push(`  ${dim(`${" ".repeat(width)} |`)} ${indent}${marker}`);
  }
  return frame;
}

/** The `error` content for a cell that has errors in its source: each with its position and a code frame. */
function sourceErrorContent(
  ename: string,
  source: string,
  count: number,
  errors: readonly SourceError[],
): ErrorContent {
  const listed = errors.slice(0, maxErrors);
  const traceback = listed.flatMap((error, index) => [
    ...(index > 0 ? [""] : []),
    `Cell [${count}]:${error.line + 1}:${error.column + 1} - ${red(visibleText(error.message))}`,
    "",
    ...codeFrame(source, error),
  ]);
  if (errors.length > listed.length) traceback.push("", `… and ${errors.length - listed.length} more errors`);
  return { ename, evalue: visibleText(errors[0]?.message ?? ""), traceback };
}

/** The message of a type error. That of a missing package says how to install it. */
function messageOf({ code, message }: Diagnostic): string {
  const specifier = code === 2307 ? /'([^']+)'/.exec(message)?.[1] : undefined;
  const isMissing = specifier !== undefined && isPackageSpecifier(specifier);
  return `TS${code}: ${message}${isMissing ? ` To install it, run !npm install ${packageName(specifier)} in a cell.` : ""}`;
}

/** The `error` content for a cell with type errors. `count` is its execution count. */
export function typeError(source: string, count: number, diagnostics: Diagnostic[]): ErrorContent {
  const errors = diagnostics.map((diagnostic) => {
    const { start, end } = diagnostic.range;
    return {
      message: messageOf(diagnostic),
      line: start.line,
      column: start.character,
      length: end.line === start.line ? end.character - start.character : Number.POSITIVE_INFINITY,
    };
  });
  return sourceErrorContent("TypeScriptError", source, count, errors);
}

/** The `error` content for a cell with syntax errors. `count` is its execution count. */
export const syntaxError = (source: string, count: number, errors: readonly SourceError[]): ErrorContent =>
  sourceErrorContent("SyntaxError", source, count, errors);

/** The text that lists warnings about a cell's types, one in a line. `count` is the cell's execution count. */
export function warningText(count: number, diagnostics: readonly Diagnostic[]): string {
  const lines = diagnostics.slice(0, maxErrors).map(({ code, message, range: { start } }) => {
    const [first = ""] = message.split("\n");
    return `Cell [${count}]:${start.line + 1}:${start.character + 1} - warning TS${code}: ${visibleText(first)}`;
  });
  const omitted = diagnostics.length - lines.length;
  return [...lines, ...(omitted > 0 ? [`… and ${omitted} more warnings`] : [])].join("\n");
}
