import { inspect } from "node:util";
import type { MimeBundle } from "../display/mime-bundle.ts";
import type { CellRuntime, Variable } from "./cell-runtime.ts";
import type { LoadedScript } from "./stack-traces.ts";

/** The functions on the main thread that the debugger calls through the inspector. */
export interface Debuggee {
  variable(name: string): Variable;
  /** The values of the session variables that are initialized. */
  variables(): Record<string, unknown>;
  /** The scripts of cells and local modules that have been run so far. */
  scripts(): LoadedScript[];
  /** Defines a session variable. */
  define(name: string, value: unknown): void;
  /** The MIME bundle of a value, as JSON. Synchronous, because promises do not settle while the thread is paused. */
  bundle(value: unknown): string;
  /** The size of the heap and its limit, in bytes. */
  heap(): { used: number; limit: number };
  /** Prepares the thread for `Runtime.terminateExecution`. */
  prepareTermination(): void;
}

/**
 * Creates the debuggee. If `bundle` returns a promise, the value is shown by `util.inspect` instead.
 * `prepareTermination` is called before each termination.
 */
export function openDebuggee(
  { variable, variables, define }: CellRuntime,
  scripts: () => LoadedScript[],
  bundle: (value: unknown) => MimeBundle | Promise<MimeBundle>,
  prepareTermination: () => void,
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
    heap() {
      const { getHeapStatistics } = process.getBuiltinModule("node:v8");
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      return { used, limit };
    },
    prepareTermination,
  };
}
