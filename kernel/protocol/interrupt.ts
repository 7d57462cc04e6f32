import { terminationRequest } from "../debug/expression.ts";
import type { Inspector } from "../debug/inspector.ts";
import { flag } from "../shared/thread-messages.ts";

/** Time the main thread's event loop has to handle an interrupt before its execution is terminated, in ms. */
const handlingTime = 50;

/** Time after which the user is told that the main thread does not respond, in ms. */
const patience = 1500;

/** Interval at which it is checked whether the interrupt has been handled, in ms. */
const pollInterval = 5;

/** Interrupts the main thread. */
export interface Interrupter {
  /**
   * Resolves once the main thread has handled the interrupt. If its event loop does not respond, as in a synchronous
   * loop, V8 is told to terminate its execution until it does.
   */
  interrupt(): Promise<void>;
  /** Resolves once no termination is under way: it would also end code that starts now. */
  settled(): Promise<void>;
}

/**
 * Creates the interrupter.
 *
 * @param postInterrupt posts an interrupt with this sequence number to the main thread
 * @param endPause ends a pause in the debugger
 * @param onDelay called if an interrupt has not been handled for a while: V8 cannot terminate native functions
 */
export function createInterrupter(
  inspector: Pick<Inspector, "post">,
  postInterrupt: (sequence: number) => void,
  endPause: () => void,
  flags: Int32Array,
  onDelay: () => void,
): Interrupter {
  let sequence = 0;
  /** The termination that is under way. V8 reports its end once the terminated code has left the stack. */
  let termination: Promise<void> | undefined;
  const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  const terminate = async (isHandled: () => boolean) => {
    // Twice: preparations within a call of an async hook have no effect before its end.
    await inspector.post("Runtime.evaluate", terminationRequest).catch(() => {});
    await wait(pollInterval);
    await inspector.post("Runtime.evaluate", terminationRequest).catch(() => {});
    if (isHandled()) return;
    Atomics.add(flags, flag.terminations, 1);
    await inspector.post("Runtime.terminateExecution").catch(() => {});
  };

  const interrupt = async () => {
    sequence += 1;
    const target = sequence;
    const isHandled = () => Atomics.load(flags, flag.lastInterrupt) >= target;
    const delay = setTimeout(() => {
      if (!isHandled()) onDelay();
    }, patience);
    while (!isHandled() || termination) {
      postInterrupt(target);
      endPause();
      for (let waited = 0; waited < handlingTime && !isHandled(); waited += pollInterval)
        await wait(pollInterval);
      if (!isHandled())
        termination ??= terminate(isHandled).finally(() => {
          termination = undefined;
          // Ends the preparations.
          postInterrupt(target);
        });
      else if (termination) await wait(pollInterval);
    }
    clearTimeout(delay);
  };
  return { interrupt, settled: async () => termination };
}
