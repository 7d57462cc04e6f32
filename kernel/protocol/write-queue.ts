import type { Socket } from "node:net";

/** The most bytes that are passed to the socket at a time, so that the progress of a slow reader can be seen. */
const portion = 2 ** 20;

/** The bytes that wait to be written to a socket. */
export interface WriteQueue {
  /** The number of bytes that have not been written yet. */
  length(): number;
  /** Adds bytes. Those of one turn of the event loop are written together. */
  add(pieces: readonly Buffer[]): void;
  /** Ends the socket once everything is written. */
  end(): void;
}

/** Creates the queue of a socket. `onProgress` is called when it has become shorter. */
export function openWriteQueue(socket: Socket, onProgress: () => void): WriteQueue {
  /** The pieces from `first` on wait; `offset` bytes of the first one are written. */
  let pieces: Buffer[] = [];
  let first = 0;
  let offset = 0;
  let waiting = 0;
  let isCorked = false;
  let isEnding = false;

  const uncork = () => {
    isCorked = false;
    socket.uncork();
  };
  const write = () => {
    if (socket.destroyed) return;
    if (!isCorked && first < pieces.length) {
      isCorked = true;
      socket.cork();
      setImmediate(uncork);
    }
    while (first < pieces.length && socket.writableLength < portion) {
      const piece = pieces[first]!;
      const part = piece.subarray(offset, offset + portion);
      socket.write(part);
      waiting -= part.length;
      offset += part.length;
      if (offset < piece.length) continue;
      first += 1;
      offset = 0;
    }
    // Removing written pieces one by one would take time in proportion to the length.
    if (2 * first > pieces.length) {
      pieces = pieces.slice(first);
      first = 0;
    }
    if (isEnding && pieces.length === 0) socket.end(() => socket.destroy());
  };
  socket.on("drain", () => {
    write();
    onProgress();
  });

  return {
    length: () => waiting + socket.writableLength,
    add(added) {
      for (const piece of added) {
        pieces.push(piece);
        waiting += piece.length;
      }
      write();
    },
    end() {
      isEnding = true;
      write();
    },
  };
}
