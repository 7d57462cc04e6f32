import { children, type Node } from "./bindings.ts";
import { type Outline, outlineOf } from "./outline.ts";
import { parseTypeScript } from "./parser.ts";

/** A cell as it was read: once, for all who ask. */
export interface Reading {
  source: string;
  outline: Outline;
  /** What may be a name that it uses; undefined where it may be any. */
  words: ReadonlySet<string> | undefined;
  /** Its syntax tree, where it is JavaScript that this Node runs as it stands. */
  plain?: Node;
}

/** Syntax that means something else, or nothing, in JavaScript, or that the project's options decide about. */
const compiled = new Set([
  "Decorator",
  "ClassProperty",
  "ClassPrivateProperty",
  "ClassAccessorProperty",
  "InterpreterDirective",
]);

/** Words of TypeScript that are no nodes of their own. */
const words = [
  "abstract",
  "accessibility",
  "declare",
  "definite",
  "optional",
  "override",
  "readonly",
] as const;

function isPlain(node: Node): boolean {
  if (node.type.startsWith("TS") || compiled.has(node.type)) return false;
  if (node.type === "Identifier" && node.name === "this") return false;
  if (node.importKind === "type" || node.exportKind === "type") return false;
  if (node.type === "VariableDeclaration" && !/^(var|let|const)$/.test(node.kind)) return false;
  if (node.type !== "OptionalMemberExpression" && node.type !== "OptionalCallExpression")
    if (words.some((word) => node[word])) return false;
  return children(node).every(isPlain);
}

const wordsOf = (source: string): Reading["words"] =>
  source.includes("\\u") ? undefined : new Set(source.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu));

/** Reads a cell; as much as can be told where it has errors of syntax. */
export function readCell(source: string): Reading {
  const { program, faultless } = parseTypeScript(source);
  const outline = outlineOf(source, program?.body ?? []);
  const reading = { source, outline, words: wordsOf(source) };
  return program && faultless && isPlain(program) ? { ...reading, plain: program } : reading;
}
