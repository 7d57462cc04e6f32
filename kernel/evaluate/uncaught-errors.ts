import timers from "node:timers";
import { apply, defineProperty } from "./intrinsics.ts";

const { setImmediate } = timers;

/** Thrown only for what Node does after an error that no code has caught. */
const ignoredError = new Error("This error is thrown and ignored by the kernel.");

/**
 * Passes on the errors that no code has caught, with the rejected promise if there is one. They are not taken by
 * listeners, which cells can remove.
 */
export function onUncaughtError(handle: (error: unknown, promise?: Promise<unknown>) => void): void {
  const { process } = globalThis;
  const { emit } = process;
  const value = (...args: [string, unknown, Promise<unknown>?]) => {
    const isRejection = args[0] === "unhandledRejection";
    if (!isRejection && args[0] !== "uncaughtException") return apply(emit, process, args);
    if (args[1] === ignoredError) return true;
    handle(args[1], isRejection ? args[2] : undefined);
    apply(emit, process, args);
    return true;
  };
  defineProperty(process, "emit", { value, writable: true, configurable: true });
}

/** Makes Node clear its stack of async ids, as it does after an error that no code has caught. Then calls `done`. */
export function clearAsyncIds(done: () => void): void {
  setImmediate(() => {
    setImmediate(done);
    throw ignoredError;
  });
}
