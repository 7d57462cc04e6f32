import { children, type Node } from "./bindings.ts";
import { type Outline, outlineOf } from "./outline.ts";
import { parseTypeScript } from "./parser.ts";

/** The result of parsing a cell. */
export interface ParsedCell {
  source: string;
  /** The client's id of the cell, if it tells it. */
  id?: string;
  outline: Outline;
  /** Whether the cell has JSX. */
  isJsx: boolean;
  /** A superset of the identifiers used in the cell; undefined if they cannot be listed because of `\u` escapes. */
  identifiers: ReadonlySet<string> | undefined;
  /** Declarations that the type checker sees after the cell. */
  additions?: string;
  /** The syntax tree, if the cell is JavaScript that can run without being compiled. */
  javaScript?: Node;
}

/** Node types that Node cannot run, or whose meaning depends on compiler options. */
const compiledTypes = new Set([
  "Decorator",
  "ClassProperty",
  "ClassPrivateProperty",
  "ClassAccessorProperty",
  "InterpreterDirective",
]);

/** Node properties set by TypeScript modifiers. */
const modifiers = [
  "abstract",
  "accessibility",
  "declare",
  "definite",
  "optional",
  "override",
  "readonly",
] as const;

function isJavaScript(node: Node): boolean {
  if (node.type.startsWith("TS") || compiledTypes.has(node.type)) return false;
  if (node.type === "Identifier" && node.name === "this") return false;
  if (node.importKind === "type" || node.exportKind === "type") return false;
  if (node.type === "VariableDeclaration" && !/^(var|let|const)$/.test(node.kind)) return false;
  if (node.type !== "OptionalMemberExpression" && node.type !== "OptionalCallExpression")
    if (modifiers.some((modifier) => node[modifier])) return false;
  return children(node).every(isJavaScript);
}

const identifiersOf = (source: string): ParsedCell["identifiers"] =>
  source.includes("\\u") ? undefined : new Set(source.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu));

/** Parses a cell. With syntax errors, the outline covers the statements that could be parsed. */
export function parseCell(source: string, id?: string): ParsedCell {
  const { program, hasErrors, isJsx } = parseTypeScript(source);
  const outline = outlineOf(source, program?.body ?? []);
  const own = id === undefined ? {} : { id };
  const cell = { source, ...own, outline, isJsx, identifiers: identifiersOf(source) };
  return program && !hasErrors && !isJsx && isJavaScript(program) ? { ...cell, javaScript: program } : cell;
}
