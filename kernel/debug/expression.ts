import { applyEdits, type Edit } from "../session/edits.ts";
import { emit } from "../session/emit.ts";
import { parseModule } from "../session/parser.ts";
import { visitReferences } from "../session/references.ts";
import { replaced } from "../session/rewrite.ts";

/** What the debugger may call on the cells' thread, as an expression there: see evaluate/debuggee.ts. */
export const debuggee = 'globalThis[Symbol.for("allroads.kernel")].debuggee';

/** What is to be evaluated there before the engine ends what the thread runs for the `ending`th time. */
export const unwinding = (ending = 0) => ({
  expression: `${debuggee}.unwind(${ending})`,
  disableBreaks: true,
});

/** TypeScript as JavaScript: an expression where it is one. Throws a sentence where it is neither. */
export async function javaScript(source: string): Promise<string> {
  const expression = await emit(`(${source}\n)`, "expression.ts");
  const emitted = "faults" in expression ? await emit(source, "expression.ts") : expression;
  if ("faults" in emitted) throw new SyntaxError(emitted.faults[0]!.text);
  return emitted.code;
}

/**
 * JavaScript as it can be evaluated where the names in `bound` are at hand: other names of the session are read
 * and written where the session keeps them.
 *
 * @throws SyntaxError where it is no JavaScript
 */
export function evaluable(code: string, session: ReadonlySet<string>, bound: ReadonlySet<string>): string {
  const edits: Edit[] = [];
  visitReferences(parseModule(code), [], {
    free({ name, start, end }, place) {
      if (bound.has(name) || !session.has(name)) return;
      edits.push({ start, end, text: replaced(name, `${debuggee}.variable("${name}").value`, place) });
    },
    special: () => {},
  });
  return applyEdits(code, edits).text;
}
