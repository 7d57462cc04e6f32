import { inspect } from "node:util";
import type { MimeBundle } from "../display/jupyter.ts";
import type { Tools, Variable } from "./tools.ts";

/** What the debugger calls on the thread that it debugs. */
export interface Debuggee {
  variable(name: string): Variable;
  /** The values of the session's variables, without those that have none yet. */
  variables(): Record<string, unknown>;
  /** Makes a variable of the session. */
  define(name: string, value: unknown): void;
  /** The bundle that a value is shown by, as JSON: what can be made of it at once, for promises do not settle here. */
  bundle(value: unknown): string;
}

/** Opens a session to the debugger. `bundle` may return a promise: then Node's inspection of the value must do. */
export function openDebuggee(
  { variable, variables, define }: Tools,
  bundle: (value: unknown) => MimeBundle | Promise<MimeBundle>,
): Debuggee {
  return {
    variable,
    variables,
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
  };
}

/** What uncaught errors are handed to, if they are errors of cells. */
export interface Exposure {
  /** Whether the debugger is to see the errors of cells as uncaught. */
  wanted(): boolean;
  /** Hands what a promise rejects with to `fail`, without a handler that the debugger would see. */
  watch(promise: Promise<unknown>, fail: (error: unknown) => void): void;
  /** Takes a rejection that nothing handled: whether it was that of a watched promise. */
  take(error: unknown, promise: unknown): boolean;
}

/** Opens what cells run exposed by: `wanted` is asked before each. */
export function openExposure(wanted: () => boolean): Exposure {
  const watched = new WeakMap<object, (error: unknown) => void>();
  return {
    wanted,
    watch: (promise, fail) => void watched.set(promise, fail),
    take(error, promise) {
      const fail = watched.get(promise as object);
      fail?.(error);
      return fail !== undefined;
    },
  };
}
