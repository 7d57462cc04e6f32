import { closeSync, openSync, readSync, statSync } from "node:fs";

/** A line of a file. */
export interface Line {
  /** Without its end; empty if the line is too long. */
  readonly text: string;
  /** Its length in characters. */
  readonly length: number;
}

const CHUNK = 2 ** 20;

/**
 * The lines of a UTF-8 file, of which a few are in memory at a time; a byte-order mark is left out. Lines of more than
 * `longest` characters are given without their text. `observe` is given the bytes as they are read. Throws if the file is
 * missing, is not a regular file or is not UTF-8; the message is the reason only, for a caller's sentence.
 */
export function* linesOfFile(
  file: string,
  longest: number,
  observe: (bytes: Uint8Array) => void = () => {},
): Generator<Line> {
  if (!statSync(file).isFile()) throw new Error("it is not a regular file");
  const handle = openSync(file, "r");
  try {
    const chunk = new Uint8Array(CHUNK);
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let pending = "";
    let dropped = 0;
    for (let size = -1; size !== 0; ) {
      size = readSync(handle, chunk);
      const bytes = chunk.subarray(0, size);
      observe(bytes);
      const text = decoded(decoder, bytes, size > 0);
      let start = 0;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
        yield line(pending + text.slice(start, end), dropped);
        [pending, dropped, start] = ["", 0, end + 1];
      }
      pending += text.slice(start);
      if (pending.length > longest) {
        dropped += pending.length;
        pending = "";
      }
    }
    yield line(pending, dropped);
  } finally {
    closeSync(handle);
  }

  function line(text: string, dropped: number): Line {
    const length = text.length + dropped;
    return { text: length > longest ? "" : text, length };
  }
}

function decoded(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array, stream: boolean): string {
  try {
    return decoder.decode(bytes, { stream });
  } catch {
    throw new Error("it is not UTF-8 text");
  }
}
