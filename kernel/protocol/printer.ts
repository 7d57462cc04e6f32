import { flag } from "../shared/thread-messages.ts";

/** Maximum delay of printed text, in ms: text printed within this time is sent as one message. */
const streamInterval = 10;

/** The most characters of printed text in one message, unless it is printed at once. */
const longestText = 1_000_000;

/** Interval at which it is checked whether clients are still too far behind, in ms. */
export const busyInterval = 10;

/** Publishes what cells print. */
export interface Printer {
  print(name: string, text: string, run?: number): void;
  /** Publishes what has been printed so far. Other messages must not overtake it. */
  flush(): void;
  /** Tells the main thread that its output of a size has been taken, once the clients are not too far behind. */
  taken(size: number): void;
}

export interface PrinterDeps {
  publish(name: string, text: string, run: number | undefined): void;
  /** Whether clients are too far behind. */
  isBusy(): boolean;
  flags: Int32Array;
}

export function openPrinter({ publish, isBusy, flags }: PrinterDeps): Printer {
  let unsent: { name: string; text: string; run: number | undefined } | undefined;
  let lastFlush = 0;
  /** The size of the output that the main thread has not been told of. */
  let untold = 0;
  let isWaiting = false;

  const flush = () => {
    if (!unsent) return;
    lastFlush = performance.now();
    const { name, text, run } = unsent;
    unsent = undefined;
    publish(name, text, run);
  };
  const taken = (size: number) => {
    untold += size;
    if (isWaiting) return;
    isWaiting = isBusy();
    if (isWaiting) {
      setTimeout(() => {
        isWaiting = false;
        taken(0);
      }, busyInterval);
      return;
    }
    Atomics.add(flags, flag.taken, untold);
    Atomics.notify(flags, flag.taken);
    untold = 0;
  };
  return {
    print(name, text, run) {
      const fits = unsent !== undefined && unsent.text.length + text.length <= longestText;
      if (fits && unsent?.name === name && unsent.run === run) {
        unsent.text += text;
        return;
      }
      flush();
      unsent = { name, text, run };
      setTimeout(flush, lastFlush + streamInterval - performance.now());
    },
    flush,
    taken,
  };
}
