/** Cells that run with no handler around them: what the engine takes for caught, the debugger does not see. */
export interface Exposure {
  /** Whether the debugger is to see the errors of cells as uncaught. */
  wanted(): boolean;
  /** Hands what a promise rejects with to `fail`, without a handler that the engine would see. */
  watch(promise: Promise<unknown>, fail: (error: unknown) => void): void;
  /** Takes a rejection that nothing handled: whether it was that of a watched promise. */
  take(error: unknown, promise: Promise<unknown>): boolean;
}

/** Opens the exposure of a session's cells; `wanted` is asked before each. */
export function openExposure(wanted: () => boolean): Exposure {
  const watched = new WeakMap<Promise<unknown>, (error: unknown) => void>();
  return {
    wanted,
    watch: (promise, fail) => void watched.set(promise, fail),
    take(error, promise) {
      const fail = watched.get(promise);
      fail?.(error);
      return fail !== undefined;
    },
  };
}
