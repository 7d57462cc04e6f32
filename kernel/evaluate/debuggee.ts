import { inspect } from "node:util";
import type { MimeBundle } from "../display/jupyter.ts";
import type { Tools, Variable } from "./cell-runtime.ts";
import type { Ran } from "./stack-traces.ts";
import { unwind } from "./async-stack.ts";

/** What the debugger calls on the thread that it debugs. */
export interface Debuggee {
  variable(name: string): Variable;
  /** The values of the session's variables, without those that have none yet. */
  variables(): Record<string, unknown>;
  /** What the kernel has compiled and run so far. */
  scripts(): Ran[];
  /** Makes a variable of the session. */
  define(name: string, value: unknown): void;
  /** The bundle that a value is shown by, as JSON: what can be made of it at once, for promises do not settle here. */
  bundle(value: unknown): string;
  /** Makes the thread ready for the engine to end what it runs: see unwind.ts. Waits until the engine is told to. */
  unwind(ending: number): void;
}

/**
 * Opens a session to the debugger. `bundle` may return a promise: then Node's inspection of the value must do.
 * `told` is the number of the last end that the engine was told of.
 */
export function openDebuggee(
  { variable, variables, define }: Tools,
  scripts: () => Ran[],
  bundle: (value: unknown) => MimeBundle | Promise<MimeBundle>,
  told: () => number,
): Debuggee {
  return {
    variable,
    variables,
    scripts,
    define: (name, value) =>
      define({
        [name]: [
          () => value,
          (next) => {
            value = next;
          },
        ],
      }),
    bundle(value) {
      const shown = bundle(value);
      if (!(shown instanceof Promise)) return JSON.stringify(shown);
      shown.catch(() => {});
      return JSON.stringify({ "text/plain": inspect(value) });
    },
    unwind(ending) {
      unwind();
      while (told() < ending);
    },
  };
}
