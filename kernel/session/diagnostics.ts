import type { ErrorContent } from "../protocol/thread-messages.ts";
import type { SyntaxFault } from "./emit.ts";
import type { Diagnostic } from "./program.ts";

/** A fault at a place of a cell, lines and columns from 0. */
interface Fault {
  what: string;
  line: number;
  column: number;
  length: number;
}

const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
const dim = (text: string) => `\u001b[2m${text}\u001b[22m`;

/** The lines around a place of a text, with a mark below it. */
export function codeFrame(source: string, { line, column, length }: Omit<Fault, "what">): string[] {
  const lines = source.split("\n");
  const first = Math.max(0, line - 2);
  const last = Math.min(lines.length - 1, line + 1);
  const width = String(last + 1).length;
  const frame: string[] = [];
  for (let at = first; at <= last; at++) {
    const number = String(at + 1).padStart(width);
    frame.push(`${at === line ? red(">") : " "} ${dim(`${number} |`)} ${lines[at]}`);
    if (at !== line) continue;
    const room = Math.max(1, lines[at]!.length - column);
    const indent = lines[at]!.slice(0, column).replace(/[^\t]/g, " ");
    frame.push(
      `  ${dim(`${" ".repeat(width)} |`)} ${indent}${red("^".repeat(Math.max(1, Math.min(length, room))))}`,
    );
  }
  return frame;
}

/** The error by which a cell with faults is answered: each fault with its place and its lines. */
export function faultsError(ename: string, source: string, count: number, faults: Fault[]): ErrorContent {
  const shown = faults.slice(0, 10);
  const traceback = shown.flatMap((fault, index) => [
    ...(index > 0 ? [""] : []),
    `Cell [${count}]:${fault.line + 1}:${fault.column + 1} - ${red(fault.what)}`,
    "",
    ...codeFrame(source, fault),
  ]);
  if (faults.length > shown.length) traceback.push("", `… and ${faults.length - shown.length} more errors`);
  return { ename, evalue: faults[0]?.what ?? "", traceback };
}

/** The error of a cell that has errors of type. */
export function typeError(source: string, count: number, diagnostics: Diagnostic[]): ErrorContent {
  const faults = diagnostics.map(({ range: { start, end }, code, message }) => ({
    what: `TS${code}: ${message}`,
    line: start.line,
    column: start.character,
    length: end.line === start.line ? end.character - start.character : Number.POSITIVE_INFINITY,
  }));
  return faultsError("TypeScriptError", source, count, faults);
}

/** The error of a cell that is no TypeScript. */
export function syntaxError(source: string, count: number, faults: SyntaxFault[]): ErrorContent {
  return faultsError(
    "SyntaxError",
    source,
    count,
    faults.map(({ text, ...place }) => ({ what: text, ...place })),
  );
}
