interface AsyncWrap {
  clearAsyncIdStack(): void;
}

/**
 * Node's list of the asynchronous operations that the thread is in the midst of. Node up to 22 needs it for every
 * promise while `AsyncLocalStorage` or async hooks are in use; Node 24 does not, and gives it to nobody.
 */
function asyncWrap(): AsyncWrap | undefined {
  try {
    return (process as unknown as { binding(name: string): AsyncWrap }).binding("async_wrap");
  } catch {
    return undefined;
  }
}

/**
 * Makes Node forget the asynchronous operations that the thread is in the midst of. That must come before the engine
 * ends a promise's continuation: Node does not hear of the end, and aborts the process once it finds an operation in
 * its list that should have been over.
 */
export const unwind = (): void => asyncWrap()?.clearAsyncIdStack();
