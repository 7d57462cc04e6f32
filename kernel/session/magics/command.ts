import type { Node } from "../bindings.ts";
import { parseTypeScript } from "../parser.ts";
import { visitReferences } from "../references.ts";

/** A part of a shell command: text of the command, or an expression of the notebook whose value takes its place. */
export type CommandPart = { text: string } | { expression: string; inQuotes: boolean };

/** The expression that a text is, in parentheses; undefined if it is none. A list with commas is left to the shell. */
function expressionIn(text: string): Node | undefined {
  const { program, hasErrors } = parseTypeScript(`(${text}\n)`);
  const [statement, ...more] = program?.body ?? [];
  if (hasErrors || !program || more.length > 0 || statement?.type !== "ExpressionStatement") return undefined;
  return /\S/.test(text) && statement.expression.expression?.type !== "SequenceExpression"
    ? program
    : undefined;
}

/** Whether an expression uses names, and only such that are known. */
function usesKnownNames(program: Node, isKnown: (name: string) => boolean): boolean {
  const names: string[] = [];
  visitReferences(program, [], {
    freeIdentifier: (node) => names.push(node.name),
    moduleSyntax: () => {},
  });
  return names.length > 0 && names.every(isKnown);
}

/** The end of the expression in braces that begin at an offset, behind the brace; undefined if there is none. */
function expressionEnd(
  command: string,
  start: number,
  isKnown: (name: string) => boolean,
): number | undefined {
  for (let end = command.indexOf("}", start); end >= 0; end = command.indexOf("}", end + 1)) {
    const program = expressionIn(command.slice(start + 1, end));
    if (program) return usesKnownNames(program, isKnown) ? end + 1 : undefined;
  }
  return undefined;
}

/**
 * Divides a shell command at its `{expression}`s. As in the shell, nothing is replaced in single quotes or after a
 * backslash. Braces that the shell or a program may use for something else stay as they are: `${NAME}`, `HEAD@{1}`,
 * `{a,b}`, and those without an expression, or with one of unknown names or none.
 */
export function commandParts(command: string, isKnown: (name: string) => boolean): CommandPart[] {
  const parts: CommandPart[] = [];
  let textStart = 0;
  let quote = "";
  for (let at = 0; at < command.length; at++) {
    const character = command[at]!;
    if (character === "\\" && quote !== "'") at += 1;
    else if (character === quote) quote = "";
    else if (quote === "" && (character === "'" || character === '"')) quote = character;
    else if (character === "{" && quote !== "'" && !/[$@]/.test(command[at - 1] ?? "")) {
      const end = expressionEnd(command, at, isKnown);
      if (end === undefined) continue;
      parts.push({ text: command.slice(textStart, at) });
      parts.push({ expression: command.slice(at + 1, end - 1).trim(), inQuotes: quote === '"' });
      textStart = end;
      at = end - 1;
    }
  }
  parts.push({ text: command.slice(textStart) });
  return parts.filter((part) => !("text" in part) || part.text !== "");
}
