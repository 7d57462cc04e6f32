import { tellUser } from "./notice.ts";

/** The signals that ask a process to end, by the exit status that shells give them. */
const STATUS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

type Signal = keyof typeof STATUS;

/** A terminal and npm may each pass on the same signal: what comes within this many milliseconds is one request. */
const ONE_REQUEST = 250;

const running = new Map<AbortController, Promise<unknown>>();
const listeners = new Map<Signal, () => void>();
let stopping: { readonly since: number } | undefined;

/**
 * Does work that SIGTERM, SIGINT or SIGHUP stops in an orderly way: the first one aborts the signal that `work` gets, and
 * the process exits with 143, 130 or 129 when all such work has ended; the promise then never settles. A second one exits
 * at once. Signals that the process handles itself, as a Jupyter kernel does SIGINT, are left to it.
 */
export async function stoppedBySignals<T>(work: (stop: AbortSignal) => Promise<T>): Promise<T> {
  if (running.size === 0) listen();
  const controller = new AbortController();
  const promise = work(controller.signal);
  running.set(controller, promise);
  try {
    return await promise;
  } finally {
    if (stopping !== undefined) await new Promise(() => {});
    running.delete(controller);
    if (running.size === 0) unlisten();
  }
}

function listen(): void {
  for (const signal of Object.keys(STATUS) as Signal[]) {
    if (process.listenerCount(signal) > 0) continue;
    const listener = () => stop(STATUS[signal]);
    listeners.set(signal, listener);
    process.on(signal, listener);
  }
}

function unlisten(): void {
  for (const [signal, listener] of listeners) process.off(signal, listener);
  listeners.clear();
}

function stop(status: number): void {
  const now = performance.now();
  if (stopping !== undefined) {
    if (now - stopping.since > ONE_REQUEST) process.exit(status);
    return;
  }
  stopping = { since: now };
  tellUser("Stopping: what was computed is being saved. A second signal ends at once.");
  for (const controller of running.keys()) controller.abort();
  Promise.allSettled(running.values()).then(() => process.exit(status));
}
