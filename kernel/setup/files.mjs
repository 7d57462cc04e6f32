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

/** A name beside `file` that no other process uses, for writing before the rename. */
export const aside = (file) => `${file}.${process.pid}.tmp`;

/** Writes a whole file at once: a reader sees the old one or the new one. */
export function writeAtomically(file, content, mode = 0o644) {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = aside(file);
  try {
    writeFileSync(temporary, content, { mode });
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** The text of a file, or null where there is none. */
export function textOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/** A JSON file's value, or null where there is none or it is cut short. */
export function jsonOf(file) {
  const text = textOf(file);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** SHA-256 over the parts, as hexadecimal digits. */
export function digest(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

/** Where a symbolic link points, or null where there is none. */
export function linkTarget(link) {
  try {
    return readlinkSync(link);
  } catch {
    return null;
  }
}

/** Makes `link` point to `target`, by a relative path so that the whole folder can be moved. */
export function linkTo(link, target) {
  mkdirSync(path.dirname(link), { recursive: true });
  const temporary = aside(link);
  rmSync(temporary, { force: true });
  symlinkSync(relativeTarget(link, target), temporary);
  if (linkTarget(link) === null && existsSync(link)) rmSync(link, { recursive: true });
  renameSync(temporary, link);
}

/** Whether `link` is the link that `linkTo` would make, and what it points to is there. */
export function isLinkedTo(link, target) {
  return linkTarget(link) === relativeTarget(link, target) && existsSync(link);
}

const relativeTarget = (link, target) => path.relative(path.dirname(link), target);
