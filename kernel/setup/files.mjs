import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";

/** The suffix of temporary names. */
const TEMPORARY = ".tmp";

/**
 * A new name next to `file`, to write to before a rename. It contains a random part, since processes in two containers
 * can have the same id, and even the same host name.
 */
export function temporaryName(file) {
  const host = os
    .hostname()
    .replace(/[^A-Za-z0-9-]/g, "-")
    .slice(0, 64);
  return `${file}.${host}.${process.pid}.${randomBytes(6).toString("hex")}${TEMPORARY}`;
}

/**
 * Removes what an interrupted process left under a temporary name: the entries of `folder` that start with one of the
 * prefixes and have not been changed for an hour.
 *
 * @param {string} folder
 * @param {string[]} prefixes
 */
export function removeLeftovers(folder, prefixes, now = Date.now()) {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!name.endsWith(TEMPORARY) || !prefixes.some((prefix) => name.startsWith(prefix))) continue;
    const entry = path.join(folder, name);
    const changed = lstatSync(entry, { throwIfNoEntry: false })?.mtimeMs ?? now;
    if (now - changed > 3_600_000) rmSync(entry, { recursive: true, force: true });
  }
}

/** Makes the renames, new names and removals in a folder durable, if its file system can. */
export function syncFolder(folder) {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } catch (error) {
    if (error.code !== "EINVAL" && error.code !== "ENOTSUP") throw error;
  } finally {
    closeSync(handle);
  }
}

/** Renames a file or folder and makes the new name durable. */
export function renameDurably(from, to) {
  renameSync(from, to);
  syncFolder(path.dirname(to));
}

/** Moves the folder `from` to `to`, in place of what is there. */
export function replaceFolder(from, to) {
  const previous = existsSync(to) ? temporaryName(to) : undefined;
  if (previous) renameSync(to, previous);
  renameDurably(from, to);
  if (previous) rmSync(previous, { recursive: true, force: true });
}

/**
 * Writes a file and creates its folder. A reader sees the old content or all of the new one, also after a power loss.
 * If writing fails, nothing is left behind.
 */
export function writeAtomically(file, content, mode = 0o644) {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = temporaryName(file);
  try {
    const handle = openSync(temporary, "wx", mode);
    try {
      writeFileSync(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameDurably(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The text of a file, or null if it cannot be read. */
export function readText(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/** The value of a JSON file, or null if it cannot be read or parsed. */
export function readJson(file) {
  const text = readText(file);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** SHA-256 of the parts, hexadecimal. */
export function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

/** SHA-256 of a file that fits into memory, hexadecimal. */
export const fileSha256 = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");

/** Where a symbolic link points, or null if `link` is not one. */
function linkTarget(link) {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
}

/** Creates or replaces the symbolic link `link`. Its target is relative, so that the repository can be moved. */
export function createLink(link, target) {
  mkdirSync(path.dirname(link), { recursive: true });
  const temporary = temporaryName(link);
  symlinkSync(relativeTarget(link, target), temporary);
  try {
    if (linkTarget(link) === null && existsSync(link)) rmSync(link, { recursive: true });
    renameDurably(temporary, link);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Whether `link` is what `createLink` would create, and its target exists. */
export function isLinked(link, target) {
  return linkTarget(link) === relativeTarget(link, target) && existsSync(link);
}

const relativeTarget = (link, target) => path.relative(path.dirname(link), target);
