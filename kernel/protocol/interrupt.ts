import { terminationRequest } from "../debug/expression.ts";
import type { Inspector } from "../debug/inspector.ts";
import { flag, type ToMainThread } from "./thread-messages.ts";

/** Time the main thread's event loop has to handle an interrupt before its execution is terminated, in ms. */
const handlingTime = 50;

/** Interval at which it is checked whether the interrupt has been handled, in ms. */
const pollInterval = 5;

/**
 * Creates a function that interrupts the main thread and resolves once it has handled the interrupt. If its event loop
 * does not respond, as in a synchronous loop, V8 is told to terminate its execution until it does.
 *
 * @param post posts a message to the main thread
 * @param endPause ends a pause in the debugger
 */
export function createInterrupter(
  inspector: Pick<Inspector, "post">,
  post: (message: ToMainThread) => void,
  endPause: () => void,
  flags: Int32Array,
): () => Promise<void> {
  let sequence = 0;
  let terminations = 0;
  const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  /** The first call blocks the main thread until the second is under way: it must not run any code in between. */
  const terminate = () => {
    terminations += 1;
    inspector.post("Runtime.evaluate", terminationRequest(terminations)).catch(() => {});
    inspector.post("Runtime.terminateExecution").catch(() => {});
    Atomics.store(flags, flag.terminations, terminations);
  };
  return async () => {
    sequence += 1;
    const target = sequence;
    const isHandled = () => Atomics.load(flags, flag.lastInterrupt) >= target;
    while (!isHandled()) {
      post({ type: "interrupt", sequence: target });
      endPause();
      for (let waited = 0; waited < handlingTime && !isHandled(); waited += pollInterval)
        await wait(pollInterval);
      if (!isHandled()) terminate();
    }
  };
}
