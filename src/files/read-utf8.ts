import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";

/**
 * The text of a UTF-8 file, with its byte-order mark if it has one. Throws if it is missing, is not a regular file (a pipe
 * would block), has more than `limit` bytes or is not UTF-8; the message is the reason only, for a caller's sentence.
 */
export function readUtf8(file: string, limit: number): string {
  const found = statSync(file);
  if (!found.isFile()) throw new Error("it is not a regular file");
  if (found.size > limit) throw new Error(`it has ${found.size} bytes and at most ${limit} are read`);
  const bytes = readFileSync(file);
  if (!isUtf8(bytes)) throw new Error("it is not UTF-8 text");
  return bytes.toString("utf8");
}
