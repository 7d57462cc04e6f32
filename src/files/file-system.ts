import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import path from "node:path";

/**
 * The functions of node:fs by which the run store and files that are replaced atomically are read and changed. Tests
 * replace them to let one fail.
 */
export const fileSystem = {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
};

/** The code of an error of the file system, "ENOENT" for example; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  return typeof code === "string" && /^E[A-Z]+$/.test(code) ? code : undefined;
}

/**
 * The bytes of a regular file of at most `most` bytes. Throws if it is missing, longer, or a folder, a pipe or a device,
 * which is not opened. Tries again once if reading fails, as network file systems do now and then.
 */
export function readRegularFile(file: string, most: number): Uint8Array {
  const name = path.basename(file);
  const read = () => {
    const found = fileSystem.statSync(file);
    if (!found.isFile()) throw new Error(`${name} is not a file`);
    if (found.size > most) throw new Error(`${name} has ${found.size} bytes, more than ${most}`);
    return fileSystem.readFileSync(file);
  };
  try {
    return read();
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined || code === "ENOENT") throw error;
    return read();
  }
}

/** Removes a file, or a folder with all that is in it, if it exists and can be removed. */
export function removeQuietly(name: string): void {
  try {
    fileSystem.rmSync(name, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // What stays is found by `allroads runs prune`.
  }
}

/** Removes a folder if it is empty. */
export function removeIfEmpty(folder: string): void {
  try {
    fileSystem.rmdirSync(folder);
  } catch {
    // It is in use, or was removed already.
  }
}
