import { type FromMainThread, flag } from "../shared/thread-messages.ts";
import { apply } from "./intrinsics.ts";
import { currentRun } from "./run-context.ts";

/** How long the end of the process waits until the clients have been told, in ms. */
const tellingTime = 3000;

/** Node's own function that ends the process, after the listeners of `exit` have been called. */
interface Exiting {
  reallyExit(code?: number): never;
}

/**
 * Makes `process.exit` and `process.abort` wait until the clients have everything that was printed, and know why the
 * kernel ends. Returns a `process.exit` that does not wait.
 */
export function announceEnd(
  send: (message: FromMainThread) => void,
  flags: Int32Array,
): (code: number) => never {
  const { load, wait } = Atomics;
  const exiting = process as unknown as Exiting;
  const { reallyExit } = exiting;
  const { abort, exit } = process;
  let isAnnounced = false;
  const announce = (call: string, failed: boolean) => {
    if (isAnnounced) return;
    isAnnounced = true;
    const reason = `The kernel has ended: a cell called ${call}.`;
    send({ type: "end", reason, failed, run: currentRun() });
    if (load(flags, flag.endTold) === 0) wait(flags, flag.endTold, 0, tellingTime);
  };
  exiting.reallyExit = (code = 0) => {
    announce(`process.exit(${code})`, code !== 0);
    return apply(reallyExit, process, [code]) as never;
  };
  process.abort = () => {
    announce("process.abort()", true);
    return apply(abort, process, []) as never;
  };
  return (code) => {
    isAnnounced = true;
    return apply(exit, process, [code]) as never;
  };
}
