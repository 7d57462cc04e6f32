import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";

/** A file as it was when it was looked at. Equal contents have equal digests, wherever they lie. */
export interface FileDigest {
  readonly bytes: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** How much is read at once. */
const CHUNK = 2 ** 23;

/** Digests by path, size and time of the last change: a model's files are asked for by many stages of a process. */
const known = new Map<string, FileDigest>();

/** The digest of a regular file of any size, read a few megabytes at a time. Throws if it cannot be read. */
export function fileDigest(file: string): FileDigest {
  if (!statSync(file).isFile()) throw new Error(`${file} is not a regular file`);
  const handle = openSync(file, "r");
  try {
    const { size, mtimeMs, ino } = fstatSync(handle);
    const key = JSON.stringify([file, size, mtimeMs, ino]);
    const found = known.get(key) ?? { bytes: size, sha256: digestOf(handle) };
    known.set(key, found);
    return found;
  } finally {
    closeSync(handle);
  }
}

function digestOf(handle: number): string {
  const hash = createHash("sha256");
  for (const chunk of chunksOf(handle)) hash.update(chunk);
  return hash.digest("hex");
}

/** The bytes of an open file from its start, a few megabytes at a time, all in one buffer. */
function* chunksOf(handle: number): Iterable<Uint8Array> {
  const chunk = Buffer.alloc(CHUNK);
  for (let at = 0, count = 0; ; at += count) {
    count = readSync(handle, chunk, 0, CHUNK, at);
    if (count === 0) return;
    yield chunk.subarray(0, count);
  }
}

/** `chunksOf` a file by its path. */
export function* fileChunks(file: string): Iterable<Uint8Array> {
  const handle = openSync(file, "r");
  try {
    yield* chunksOf(handle);
  } finally {
    closeSync(handle);
  }
}
