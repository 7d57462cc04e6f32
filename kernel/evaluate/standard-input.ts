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

/**
 * Replaces `process.stdin`.
 *
 * @param isRunning whether a cell runs: clients show a request for input only then
 * @param request asks for a line
 */
export function openStandardInput(isRunning: () => boolean, request: () => void): StandardInput {
  let stream: Readable | undefined;
  /** Whether the stream waits for a line. */
  let isReading = false;
  let isAsked = false;

  const ask = () => {
    const hasReader = stream?.readableFlowing || (stream?.listenerCount("readable") ?? 0) > 0;
    if (!isReading || isAsked || !hasReader || !isRunning()) return;
    isAsked = true;
    request();
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
      if (!isAsked) return;
      isAsked = false;
      isReading = false;
      stream?.push(line === undefined ? null : `${line}\n`);
    },
    cellStarted() {
      isAsked = false;
      if (isReading) askSoon();
    },
  };
}
