import { emit } from "../session/emit.ts";
import { parseModule } from "../session/parser.ts";
import { visitReferences } from "../session/references.ts";
import { referenceText } from "../session/rewrite.ts";
import { applyEdits, type Edit } from "../shared/edits.ts";

/** An expression for the `Debuggee` on the main thread. */
export const debuggee = 'globalThis[Symbol.for("allroads.kernel")].debuggee';

/** Parameters of the `Runtime.evaluate` that must precede a termination of the main thread's execution. */
export const terminationRequest = {
  expression: `${debuggee}.prepareTermination()`,
  disableBreaks: true,
};

/**
 * Compiles a TypeScript expression, or statements if it is none, to JavaScript.
 *
 * @throws SyntaxError if it is neither
 */
export async function compileExpression(source: string): Promise<string> {
  const expression = await emit(`(${source}\n)`, "expression.ts");
  const emitted = "errors" in expression ? await emit(source, "expression.ts") : expression;
  if ("errors" in emitted) throw new SyntaxError(emitted.errors[0].message);
  return emitted.code;
}

/**
 * Rewrites JavaScript to be evaluated in a stack frame or globally: session variables that are not shadowed by the
 * names in `scope` are accessed through the debuggee.
 *
 * @throws SyntaxError if the code cannot be parsed
 */
export function bindSessionVariables(
  code: string,
  sessionNames: ReadonlySet<string>,
  scope: ReadonlySet<string>,
): string {
  const edits: Edit[] = [];
  visitReferences(parseModule(code), [], {
    freeIdentifier({ name, start, end }, position) {
      if (scope.has(name) || !sessionNames.has(name)) return;
      const text = referenceText(name, `${debuggee}.variable("${name}").value`, position);
      edits.push({ start, end, text });
    },
    moduleSyntax: () => {},
  });
  return applyEdits(code, edits).text;
}
