import { offsetOf } from "../shared/edits.ts";
import { children, isFunction, type Node } from "./bindings.ts";
import type { Diagnostic } from "./cell-diagnostics.ts";
import type { ParsedCell } from "./parse-cell.ts";
import { parseTypeScript } from "./parser.ts";

const isImplicitAny = (code: number) => (code >= 7000 && code < 8000) || code === 2683;

/** Errors about values that may be null, undefined or of unknown type, or are not initialized for sure. */
const uncertain = new Set([
  2454, 2531, 2532, 2533, 2564, 2571, 2698, 2721, 2722, 2723, 18046, 18047, 18048, 18049,
]);

/** Arithmetic with values that are converted to numbers, such as dates. */
const isConversion = ({ code, message }: Diagnostic) =>
  code === 2362 || code === 2363 || (code === 2365 && message.includes("'Date'"));

/** Messages about types that say little: of values from elsewhere, or of variables that start empty. */
const vagueTypes = [
  // The innermost reason why a type does not fit: a part of it may be null or undefined.
  /\n\s*Type '(undefined|null)' is not assignable to type [^\n]*$/,
  /\b[Tt]ype 'unknown' is not assignable to/,
  /is not assignable to (parameter of )?type '(never|null|undefined)'/,
  /^Property '.*' does not exist on type '(\{\}|unknown|never|.*\| (undefined|null))'/,
  /^Type '(unknown|.*\| (undefined|null))' must have a '\[Symbol\.(async)?[iI]terator\]\(\)' method/,
];

/** Whether code with a type error may well do what its author wants. */
export function isDoubtful(diagnostic: Diagnostic): boolean {
  const { code, message } = diagnostic;
  if (isImplicitAny(code) || uncertain.has(code) || isConversion(diagnostic)) return true;
  return vagueTypes.some((pattern) => pattern.test(message));
}

/** Errors that a name is not known. */
const unknownNames = new Set([2304, 2552, 2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593, 18004]);

/** The syntax tree of a cell; undefined if it cannot be parsed. */
export const treeOf = ({ source, javaScript }: ParsedCell): Node | undefined =>
  javaScript ?? parseTypeScript(source).program;

function isInFunctionBody(node: Node, offset: number): boolean {
  if (offset < node.start || offset >= node.end) return false;
  if (isFunction(node) && offset >= node.body.start) return true;
  return children(node).some((child) => isInFunctionBody(child, offset));
}

/** The errors that a function uses a name that is not known: a later cell may declare it before the function is called. */
export function lateNames(cell: ParsedCell, diagnostics: readonly Diagnostic[]): Set<Diagnostic> {
  const unknown = diagnostics.filter(({ code }) => unknownNames.has(code));
  const tree = unknown.length > 0 ? treeOf(cell) : undefined;
  const isLate = ({ range: { start } }: Diagnostic) =>
    tree !== undefined && isInFunctionBody(tree, offsetOf(cell.source, start.line, start.character));
  return new Set(unknown.filter(isLate));
}
