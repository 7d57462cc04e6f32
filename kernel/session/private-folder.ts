import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { log } from "../shared/log.ts";
import { cachesFolder } from "./user-folders.ts";

// Other users of the machine can write to the temporary folder, and must not be able to pass the kernel their code. In
// Windows these folders are the user's, and the modes of files have no meaning.

const userId = process.geteuid?.();

const writableByOthers = constants.S_IWGRP | constants.S_IWOTH;
const openToOthers = constants.S_IRWXG | constants.S_IRWXO;
/** In a folder with this bit, entries can be renamed and removed only by their owners and the folder's. */
const sticky = 0o1000;

/** Throws if another user can rename or remove an entry of a folder. Its path must not contain links. */
function checkParent(folder: string): void {
  const { uid, mode } = lstatSync(folder);
  if (uid !== 0 && uid !== userId) throw new Error(`${folder} belongs to another user`);
  if ((mode & writableByOthers) !== 0 && (mode & sticky) === 0)
    throw new Error(`${folder} can be written to by other users`);
  if (folder !== path.dirname(folder)) checkParent(path.dirname(folder));
}

/**
 * Checks that a folder is no link, belongs to the user and is closed to others, and that no other user can put another
 * one in its place. Its path must not contain links: see `realpathSync`.
 *
 * @throws {Error} with the reason as a clause, such as "/tmp/a belongs to another user"
 */
export function checkPrivateFolder(folder: string): void {
  const stats = lstatSync(folder);
  if (!stats.isDirectory()) throw new Error(`${folder} is not a folder`);
  if (userId === undefined) return;
  if (stats.uid !== userId) throw new Error(`${folder} belongs to another user`);
  if ((stats.mode & openToOthers) !== 0) throw new Error(`${folder} is open to other users`);
  checkParent(path.dirname(folder));
}

/**
 * Creates a folder that is closed to others, unless it exists, and checks it. Returns its path without links.
 *
 * @throws {Error} if it cannot be created, or as `checkPrivateFolder`
 */
export function openPrivateFolder(parent: string, name: string): string {
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const folder = path.join(realpathSync(parent), name);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  checkPrivateFolder(folder);
  return folder;
}

/**
 * Reads a file that only the user can have written. It is checked after it was opened, so that it cannot be exchanged
 * between the check and the reading.
 *
 * @throws {Error} if it cannot be opened, is a link or no file, or if others own it or can write to it
 */
export function readOwnFile(file: string): Buffer {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const descriptor = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error(`${file} is not a file`);
    if (userId !== undefined) {
      if (stats.uid !== userId) throw new Error(`${file} belongs to another user`);
      if ((stats.mode & writableByOthers) !== 0) throw new Error(`${file} can be written to by other users`);
    }
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a file of a private folder. A reader sees the old content or all of the new one. */
export function writeOwnFile(file: string, content: Uint8Array): void {
  const temporary = `${file}.${process.pid}.${Date.now()}.tmp`;
  try {
    writeFileSync(temporary, content, { mode: 0o600, flag: "wx" });
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * The user's folder for what the kernel can compute again: in the folder for caches, or in the temporary folder if the
 * former cannot be written to or is open to others. Undefined if neither can be used; `warn` is told why.
 */
export function cacheFolder(
  warn: (message: string) => void,
  env: NodeJS.ProcessEnv = process.env,
  temporary = os.tmpdir(),
): string | undefined {
  const places = [
    () => openPrivateFolder(cachesFolder(env), "allroads-kernel"),
    () => openPrivateFolder(temporary, `allroads-kernel-${userId ?? ""}-cache`),
  ];
  const problems: string[] = [];
  for (const open of places) {
    try {
      return open();
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  warn(`The kernel starts without its cache: ${problems.join(", and ")}.`);
  return undefined;
}

let opened: { readonly folder: string | undefined } | undefined;

/** The cache of this process, which is looked for once; a problem is logged. */
export function kernelCache(): string | undefined {
  opened ??= { folder: cacheFolder(log) };
  return opened.folder;
}
