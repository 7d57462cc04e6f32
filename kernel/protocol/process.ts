import { Worker } from "node:worker_threads";
import { log } from "../shared/log.ts";
import { parentWatch } from "./parent.ts";

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Ends the process: calls `requestExit`, and kills the process if it is still running after 500 ms. */
export async function endProcess(requestExit: () => void): Promise<void> {
  requestExit();
  await wait(500);
  process.kill(process.pid, "SIGKILL");
}

/**
 * Kills the process within a second after Jupyter, which has started it, has ended.
 *
 * @param beforeEnd called before the end
 */
export function endWithParent(beforeEnd: () => Promise<void>): void {
  const hasEnded = parentWatch();
  if (!hasEnded) return;
  const timer = setInterval(async () => {
    if (!hasEnded()) return;
    clearInterval(timer);
    await beforeEnd().catch((error: Error) => log(error.message));
    process.kill(process.pid, "SIGKILL");
  }, 1000);
  timer.unref();
}

/** The code of a thread that posts a message at each SIGINT. */
const signalThread = `
const { parentPort } = require("node:worker_threads");
const { runInThisContext } = require("node:vm");
const cell = new Int32Array(new SharedArrayBuffer(4));
globalThis.block = () => Atomics.wait(cell, 0, 0, 3_600_000);
for (;;) {
  try { runInThisContext("block()", { breakOnSigint: true }); }
  catch { parentPort.postMessage("SIGINT"); }
}`;

/**
 * Calls a handler at each SIGINT, even while the main thread is busy. A signal handler would be called by the main
 * thread's event loop only, but the signal also ends scripts with `breakOnSigint`, in any thread.
 */
export function onSigint(handler: () => void): void {
  const worker = new Worker(signalThread, {
    eval: true,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
  });
  worker.on("message", handler);
  worker.on("error", () => {});
  worker.unref();
}
