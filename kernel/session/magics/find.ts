import { outlineOf } from "../outline.ts";
import { parseTypeScript } from "../parser.ts";
import { type CommandPart, commandParts } from "./command.ts";
import { lineMagics } from "./names.ts";

/** A part of a cell that is not TypeScript. */
export interface FoundMagic {
  /** "shell" is `!command`; "cell" is `%%name`, whose arguments are followed by the cell's other lines. */
  kind: "shell" | "line" | "cell";
  name: string;
  /** The rest of the line; of a shell command, the command. */
  text: string;
  /** The range of offsets in the cell. */
  start: number;
  end: number;
  /** Where `text` begins. */
  textStart: number;
  /** The parts of a shell command. */
  parts?: CommandPart[];
}

const firstLine = /^(?<space>\s*)%%(?<name>\w+)(?<text>[^\n]*)/;
const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*/u;
const operators =
  /^(await|async|class|delete|function|import|new|null|super|this|true|false|typeof|undefined|void)$/;

/** What follows the first word of an expression rather than of a command. */
const continuesExpression = /^[\w$.]*\s*(\(|\[|&&|\|\||\?|[=!]=)/;
/** What follows the first word of a command rather than of an expression. */
const hasArguments = /^\s+[-\w./~$"'@:]/;

const isTypeScript = (source: string): boolean => !parseTypeScript(source).hasErrors;

interface LineContext {
  /** Whether the whole cell, or else this line, is valid TypeScript. */
  isValid: boolean;
  /** Whether a name is that of a variable. */
  isKnown(name: string): boolean;
}

/** Whether what follows a `!` at the beginning of a statement is a command. Many commands are expressions too. */
function isCommand(text: string, { isValid, isKnown }: LineContext): boolean {
  if (!/^[\w./~$]/.test(text)) return false;
  const word = identifier.exec(text)?.[0];
  if (word === undefined) return !isValid;
  const rest = text.slice(word.length);
  if (operators.test(word)) return false;
  if (isKnown(word)) {
    const option = /^\s+--?([A-Za-z]\w*)/.exec(rest)?.[1];
    const subtractsNothingKnown = option !== undefined && !isKnown(option);
    return hasArguments.test(rest) && (!isValid || subtractsNothingKnown);
  }
  return !continuesExpression.test(rest) || (!isValid && hasArguments.test(rest));
}

/** Whether `%name` at the beginning of a statement is a magic, and not the rest of a division in the line before. */
const isMagic = (name: string, { isValid, isKnown }: LineContext): boolean =>
  !isValid || (Object.hasOwn(lineMagics, name) && !isKnown(name));

/** A cell with ranges replaced by spaces, except for newlines. */
export const blank = (source: string, ranges: readonly { start: number; end: number }[]): string =>
  ranges.reduce(
    (text, { start, end }) =>
      text.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, " ") + text.slice(end),
    source,
  );

/** The end of a command, which a backslash continues in the next line. */
function commandEnd(source: string, start: number): number {
  for (let from = start; ; ) {
    const end = source.indexOf("\n", from);
    if (end < 0) return source.length;
    if (source[end - 1] !== "\\") return end;
    from = end + 1;
  }
}

/**
 * Finds the magics of a cell. A line is one only where a statement can begin, and if it is no TypeScript, or would use
 * a name that nothing has declared. `isDeclared` tells whether earlier cells, or the engine, have declared a name.
 */
export function findMagics(source: string, isDeclared: (name: string) => boolean): FoundMagic[] {
  if (!/^[ \t]*[!%]/m.test(source)) return [];
  const found: FoundMagic[] = [];
  const head = firstLine.exec(source)?.groups;
  if (head) {
    const { space = "", name = "", text = "" } = head;
    const start = space.length;
    const end = start + 2 + name.length + text.length;
    const whole = name === "time" ? end : source.length;
    found.push({ kind: "cell", name, text: text.trim(), start, end: whole, textStart: end });
    if (name !== "time") return found;
  }
  const { program, hasErrors } = parseTypeScript(source);
  const declared = new Set(outlineOf(source, program?.body ?? []).declared.map(({ name }) => name));
  const isKnown = (name: string) => declared.has(name) || isDeclared(name);
  for (const match of source.matchAll(/^(?<space>[ \t]*)(?<sign>!|%(?=[A-Za-z]))/gm)) {
    const { space = "", sign = "" } = match.groups ?? {};
    const start = match.index + space.length;
    if (found.some(({ end }) => start < end)) continue;
    const end = commandEnd(source, start);
    const text = source.slice(start + 1, end);
    const context = { isKnown, isValid: !hasErrors || (sign === "!" && isTypeScript(`!${text}`)) };
    const name = sign === "%" ? (identifier.exec(text)?.[0] ?? "") : "";
    if (sign === "!" ? !isCommand(text, context) : !isMagic(name, context)) continue;
    if (!isTypeScript(blank(source.slice(0, start), found))) continue;
    const textStart = start + 1 + name.length;
    found.push(
      sign === "!"
        ? {
            ...{ kind: "shell", name: "!", text: text.trimEnd(), start, end, textStart },
            parts: commandParts(text.trimEnd(), isKnown),
          }
        : { kind: "line", name, text: text.slice(name.length).trim(), start, end, textStart },
    );
  }
  return found;
}
