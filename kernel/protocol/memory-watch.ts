import { debuggee } from "../debug/expression.ts";
import type { Inspector } from "../debug/inspector.ts";

/** Interval of the checks while a cell runs, in ms. */
const interval = 100;

/** The main thread is asked for its heap once the process has grown by this part of the heap's limit, or of 1 GB. */
const step = 0.04;

/** The part of the heap's limit at which the user is warned. */
const nearLimit = 0.85;

/** The size of a heap and its limit, in bytes. */
interface Heap {
  used: number;
  limit: number;
}

const gigabytes = (bytes: number) => (bytes / 2 ** 30).toFixed(1);

/** The warning about a heap that is nearly full. */
export const memoryWarning = ({ used, limit }: Heap): string =>
  `The kernel's memory is nearly full: ${gigabytes(used)} of at most ${gigabytes(limit)} GB of objects. ` +
  "The kernel ends if the cell needs more. To allow twice as much, set " +
  `NODE_OPTIONS=--max-old-space-size=${Math.round((2 * limit) / 2 ** 20)} in the environment that starts Jupyter.`;

/**
 * Warns when the heap of the main thread is nearly full. The engine ends the process at its limit without a last word,
 * so the user has to be told before.
 */
export function watchMemory(
  inspector: Pick<Inspector, "post">,
  isRunning: () => boolean,
  warn: (message: string) => void,
): void {
  let asked = 0;
  let limit = 2 ** 30;
  let isAsking = false;
  let hasWarned = false;

  const ask = async () => {
    const { result } = await inspector.post("Runtime.evaluate", {
      expression: `${debuggee}.heap()`,
      returnByValue: true,
      disableBreaks: true,
    });
    const heap = result.value as Heap | undefined;
    if (!heap) return;
    limit = heap.limit;
    const isNear = heap.used > nearLimit * limit;
    if (isNear && !hasWarned) warn(memoryWarning(heap));
    hasWarned = isNear;
  };
  const check = async () => {
    if (isAsking || !isRunning()) return;
    const resident = process.memoryUsage.rss();
    // After the heap has shrunk, it is watched again.
    if (resident < asked - step * limit) asked = resident;
    if (resident < asked + step * Math.min(limit, 2 ** 30)) return;
    asked = resident;
    isAsking = true;
    await ask().catch(() => {});
    isAsking = false;
  };
  setInterval(check, interval).unref();
}
