import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import path from "node:path";
import { errorCode, fileSystem, removeQuietly } from "./file-system.ts";

/**
 * Writes `bytes`, given whole or in parts, to `file` atomically: to a temporary file in the same folder, flushed to disk and then renamed. Makes
 * the folder if it is missing. After a power failure the file is the old or the new one. On failure removes the temporary
 * file; `file` is then unchanged, or the new one if only the flush of its folder failed.
 */
export function writeFileAtomically(file: string, bytes: Uint8Array | Iterable<Uint8Array>): void {
  const folder = path.dirname(file);
  makeFolder(folder);
  const temporary = path.join(folder, temporaryName(path.basename(file)));
  try {
    writeFlushed(temporary, bytes);
    fileSystem.renameSync(temporary, file);
  } catch (error) {
    removeQuietly(temporary);
    throw error;
  }
  flushFolder(folder);
}

/** What one call of writeSync can write on every system. */
const MOST_AT_ONCE = 2 ** 30;

/** Writes a new file, of any size, and flushes it to disk. Throws if the file exists. */
export function writeFlushed(file: string, bytes: Uint8Array | Iterable<Uint8Array>): void {
  const handle = fileSystem.openSync(file, "wx");
  try {
    for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) {
      for (let written = 0; written < part.length; ) {
        const length = Math.min(part.length - written, MOST_AT_ONCE);
        written += fileSystem.writeSync(handle, part, written, length);
      }
    }
    fileSystem.fsyncSync(handle);
  } finally {
    fileSystem.closeSync(handle);
  }
}

/** Makes a folder and those above it, and flushes the entries of the new ones to disk. */
export function makeFolder(folder: string): void {
  const made = fileSystem.mkdirSync(folder, { recursive: true });
  if (made === undefined) return;
  const first = path.resolve(made);
  for (let each = path.resolve(folder); each.startsWith(first); each = path.dirname(each))
    flushFolder(path.dirname(each));
}

const CANNOT_BE_FLUSHED = ["EACCES", "EBADF", "EINVAL", "EISDIR", "ENOSYS", "ENOTSUP", "EPERM"];

/** Flushes the names in a folder to disk, where the file system can do that. */
export function flushFolder(folder: string): void {
  try {
    const handle = fileSystem.openSync(folder, "r");
    try {
      fileSystem.fsyncSync(handle);
    } finally {
      fileSystem.closeSync(handle);
    }
  } catch (error) {
    if (!CANNOT_BE_FLUSHED.includes(errorCode(error) ?? "")) throw error;
  }
}

/** A hidden name that no other process on any machine uses, for what is written aside: `.NAME.HOST.PID.RANDOM.tmp`. */
export function temporaryName(name: string): string {
  const host = hostname()
    .replaceAll(/[^\w-]/g, "-")
    .slice(0, 32);
  return `.${name.slice(0, 100)}.${host}.${process.pid}.${randomBytes(6).toString("hex")}.tmp`;
}
