import { unwinding } from "../debug/expression.ts";
import type { Inspector } from "../debug/inspector.ts";
import type { ToMain } from "./thread-messages.ts";

/** How long the main thread may take to notice an interrupt by itself, in milliseconds. */
const patience = 50;

/**
 * Interrupts what the main thread computes: it is told, and where its event loop does not hear (a synchronous
 * loop), the engine ends what it runs, again and again until it hears. Resolves once it has.
 * `release` ends what the debugger has stopped.
 */
export function interrupter(
  { post }: Pick<Inspector, "post">,
  tell: (message: ToMain) => void,
  release: () => void,
  flags: Int32Array,
): () => Promise<void> {
  let sequence = 0;
  let endings = 0;
  const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  /** What the thread runs must not go on between the two. */
  const endRun = () => {
    endings += 1;
    post("Runtime.evaluate", unwinding(endings)).catch(() => {});
    post("Runtime.terminateExecution").catch(() => {});
    Atomics.store(flags, 3, endings);
  };
  return async () => {
    sequence += 1;
    const mine = sequence;
    const heard = () => Atomics.load(flags, 0) >= mine;
    while (!heard()) {
      tell({ type: "interrupt", sequence: mine });
      release();
      for (let waited = 0; waited < patience && !heard(); waited += 5) await wait(5);
      if (!heard()) endRun();
    }
  };
}
