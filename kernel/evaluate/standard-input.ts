import { Readable } from "node:stream";

/** The standard input of cells: lines that the user of the notebook types. */
export interface StandardInput {
  /** Passes on a line, or the end of the input if the client does not support input. */
  receive(line: string | undefined): void;
  /** Must be called at the beginning of each cell: a reader of an earlier one may wait. */
  cellStarted(): void;
}

/** A line is asked for only if a cell runs this long and still reads, in ms. */
const delay = 10;

/** The runs of cells that can read the standard input: clients show a request for input only while its cell runs. */
export interface ReadingRuns {
  /** The run that reads: that of the current code if it has not ended, or else the last one that has not. */
  current(): number | undefined;
  isRunning(run: number): boolean;
}

/**
 * Replaces `process.stdin`.
 *
 * @param request asks for a line for a run
 */
export function openStandardInput(runs: ReadingRuns, request: (run: number) => void): StandardInput {
  let stream: Readable | undefined;
  /** Whether the stream waits for a line. */
  let isReading = false;
  /** The run for which a line has been asked. */
  let asked: number | undefined;

  const ask = () => {
    const hasReader = stream?.readableFlowing || (stream?.listenerCount("readable") ?? 0) > 0;
    const isAsked = asked !== undefined && runs.isRunning(asked);
    const run = runs.current();
    if (!isReading || isAsked || !hasReader || run === undefined) return;
    asked = run;
    request(run);
  };
  const askSoon = () => void setTimeout(ask, delay);
  const create = () => {
    const created = new Readable({
      read() {
        isReading = true;
        askSoon();
      },
    });
    // A stream that waits for a line already does not read again for its next reader.
    created.on("resume", askSoon);
    created.on("newListener", askSoon);
    return Object.assign(created, { fd: 0, isTTY: false });
  };
  Object.defineProperty(process, "stdin", {
    configurable: true,
    get() {
      if (!stream || stream.destroyed || stream.readableEnded) stream = create();
      return stream;
    },
  });

  return {
    receive(line) {
      if (asked === undefined) return;
      asked = undefined;
      isReading = false;
      stream?.push(line === undefined ? null : `${line}\n`);
    },
    cellStarted() {
      if (isReading) askSoon();
    },
  };
}
