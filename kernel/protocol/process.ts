import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Logs a line to the stderr of the process, which is not captured as a cell's output. */
export function log(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // stderr is closed.
  }
}

/** Ends the process: calls `requestExit`, and kills the process if it is still running after 500 ms. */
export async function endProcess(requestExit: () => void): Promise<void> {
  requestExit();
  await wait(500);
  process.kill(process.pid, "SIGKILL");
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Kills the process within a second after Jupyter, which started it, has ended. Jupyter's process id is in
 * `JPY_PARENT_PID`, in Windows a handle. A kernel that was started by hand lives on when its shell ends.
 *
 * @param beforeEnd called before the end
 */
export function endWithJupyter(beforeEnd: () => Promise<void>): void {
  const variable = Number(process.env.JPY_PARENT_PID ?? 0);
  const jupyter = variable > 0 && process.platform === "win32" ? process.ppid : variable;
  // It is not known here if it runs in another container.
  if (!(jupyter > 0) || !isAlive(jupyter)) return;
  const isParent = process.ppid === jupyter;
  const timer = setInterval(async () => {
    if (isParent ? process.ppid === jupyter && isAlive(jupyter) : isAlive(jupyter)) return;
    clearInterval(timer);
    await beforeEnd();
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
