import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

/** A name next to `file`, unique to this process, to write to before a rename. */
export const temporaryName = (file) => `${file}.${process.pid}.tmp`;

/** Writes a file and creates its folder. A reader sees the old content or all of the new one. */
export function writeAtomically(file, content, mode = 0o644) {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = temporaryName(file);
  try {
    writeFileSync(temporary, content, { mode });
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
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
  rmSync(temporary, { force: true });
  symlinkSync(relativeTarget(link, target), temporary);
  if (linkTarget(link) === null && existsSync(link)) rmSync(link, { recursive: true });
  renameSync(temporary, link);
}

/** Whether `link` is what `createLink` would create, and its target exists. */
export function isLinked(link, target) {
  return linkTarget(link) === relativeTarget(link, target) && existsSync(link);
}

const relativeTarget = (link, target) => path.relative(path.dirname(link), target);
