import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Writes a line where the kernel's own troubles go: the stderr of the process, not of a cell. */
export function log(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // Nobody listens.
  }
}

/** Ends the process: politely, and where the main thread does not hear, by force. */
export async function endProcess(ask: () => void): Promise<void> {
  ask();
  await wait(500);
  process.kill(process.pid, "SIGKILL");
}

/** Ends the process within a second or two of its parent: nobody is left whom it could answer. */
export function endWithParent(): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
  }, 1000);
  timer.unref();
}

/** Waits for SIGINT, again and again. */
const sentinel = `
const { parentPort } = require("node:worker_threads");
const { runInThisContext } = require("node:vm");
const place = new Int32Array(new SharedArrayBuffer(4));
globalThis.rest = () => Atomics.wait(place, 0, 0, 3_600_000);
for (;;) {
  try { runInThisContext("rest()", { breakOnSigint: true }); }
  catch { parentPort.postMessage("SIGINT"); }
}`;

/**
 * Calls `handle` at each SIGINT, whatever the main thread computes: Node would deliver the signal to the main
 * thread's event loop only, but ends a script with `breakOnSigint` in any thread.
 */
export function onSigint(handle: () => void): void {
  const worker = new Worker(sentinel, {
    eval: true,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
  });
  worker.on("message", handle);
  worker.on("error", () => {});
  worker.unref();
}
