import { provideLibrary } from "./files/user-code.ts";
import type { WorkerReply, WorkerRequest } from "./pipeline/pool.ts";
import { runStage } from "./pipeline/run-stage.ts";
import { openStore, type RunStore } from "./pipeline/store.ts";
import { checkParentsCode, checkSubmittedCode } from "./pipeline/submitted-code.ts";

/*
 * The process behind `processPool`: computes the stages that it is sent, one at a time. On SIGTERM, or if its parent
 * exits, it stops within a training step and leaves a checkpoint.
 */

// Loaded only if user code imports it: the library takes much longer to load than the pipeline.
provideLibrary(() => require("./index.ts"));

const stop = new AbortController();
let busy = false;
const stores = new Map<string, RunStore>();
// Without a callback, a channel that closes meanwhile would be an uncaught error.
const reply = (message: WorkerReply) => process.send?.(message, undefined, undefined, () => {});

/** A run store, opened once per process so that each parent's files are checked once. */
function opened(folder: string): RunStore {
  const store = stores.get(folder) ?? openStore(folder, (text) => reply({ kind: "notice", text }));
  stores.set(folder, store);
  return store;
}

function leave() {
  stop.abort();
  if (!busy) process.exit(0);
}

for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) process.on(signal, leave);
process.on("disconnect", leave);
process.stderr.on("error", () => {});
if (!process.connected) leave();

process.on("message", async ({ store, stage, code }: WorkerRequest) => {
  busy = true;
  let last = 0;
  const onProgress = (fraction: number) => {
    if (performance.now() - last < 200) return;
    last = performance.now();
    reply({ kind: "progress", fraction });
  };
  try {
    checkSubmittedCode();
    checkParentsCode(code);
    await runStage(opened(store), stage, { signal: stop.signal, onProgress });
    reply({ kind: "done" });
  } catch (error) {
    reply({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  } finally {
    busy = false;
    if (stop.signal.aborted) process.exit(0);
  }
});
