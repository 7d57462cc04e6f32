interface AsyncWrap {
  clearAsyncIdStack(): void;
}

/**
 * Node's internal stack of async ids. Node up to 22 maintains it for every promise while `AsyncLocalStorage` or async
 * hooks are in use. Node 24 does not, and its binding is not accessible.
 */
function asyncWrap(): AsyncWrap | undefined {
  try {
    return (process as unknown as { binding(name: string): AsyncWrap }).binding("async_wrap");
  } catch {
    return undefined;
  }
}

/**
 * Clears the stack of async ids. This must be done before V8 terminates a promise continuation: Node is not told that
 * it has ended, and aborts the process when it finds the continuation's id still on the stack.
 */
export const clearAsyncStack = (): void => asyncWrap()?.clearAsyncIdStack();
