import { Session } from "node:inspector";
import type { ToMain } from "./bridge.ts";

/** How long the main thread may take to notice an interrupt by itself, in milliseconds. */
const patience = 50;

/**
 * Interrupts what the main thread computes: it is told, and where its event loop does not hear (a synchronous
 * loop), the engine ends what it runs, again and again until it hears. Resolves once it has.
 * `release` ends what the debugger has stopped.
 */
export function interrupter(
  tell: (message: ToMain) => void,
  release: () => void,
  flags: Int32Array,
): () => Promise<void> {
  let sequence = 0;
  const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  return async () => {
    sequence += 1;
    const mine = sequence;
    const heard = () => Atomics.load(flags, 0) >= mine;
    let session: Session | undefined;
    while (!heard()) {
      tell({ type: "interrupt", sequence: mine });
      release();
      for (let waited = 0; waited < patience && !heard(); waited += 5) await wait(5);
      if (heard()) break;
      if (!session) {
        session = new Session();
        session.connectToMainThread();
      }
      session.post("Runtime.terminateExecution");
    }
    session?.disconnect();
  };
}
