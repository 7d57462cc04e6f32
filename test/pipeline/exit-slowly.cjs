/* node --require exit-slowly.cjs: lets the worker processes of a program take a second to exit. */
if (process.send !== undefined)
  process.on("exit", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000));
