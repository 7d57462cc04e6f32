import { pin } from "./intrinsics.ts";

/**
 * Runs cells without a rejection handler, so that V8's debugger classifies their errors as uncaught and pauses on them.
 * Errors are taken from `unhandledRejection` events instead.
 */
export interface UncaughtMode {
  /** Whether the next cell is to run in this mode. */
  enabled(): boolean;
  /** Passes the error to `onError` if a promise is rejected, without attaching a handler to it. */
  watch(promise: Promise<unknown>, onError: (error: unknown) => void): void;
  /** Handles an `unhandledRejection` event. Returns whether the promise was a watched one. */
  handleRejection(error: unknown, promise: Promise<unknown>): boolean;
}

export function createUncaughtMode(enabled: () => boolean): UncaughtMode {
  const watched = pin(new WeakMap<Promise<unknown>, (error: unknown) => void>());
  return {
    enabled,
    watch: (promise, onError) => void watched.set(promise, onError),
    handleRejection(error, promise) {
      const onError = watched.get(promise);
      onError?.(error);
      return onError !== undefined;
    },
  };
}
