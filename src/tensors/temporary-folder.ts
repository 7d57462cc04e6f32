import { constants, lstatSync, mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const writableByOthers = constants.S_IWGRP | constants.S_IWOTH;
/** In a folder with this bit, only the owners of entries can rename and remove them. */
const sticky = 0o1000;

/** The folder, or the one above it, whose entries another user can rename; undefined if there is none. */
function changeableFolder(folder: string): string | undefined {
  const user = process.geteuid?.();
  if (user === undefined) return undefined;
  const { uid, mode } = lstatSync(folder);
  const isShared = (mode & writableByOthers) !== 0 && (mode & sticky) === 0;
  if (isShared || (uid !== 0 && uid !== user)) return folder;
  return folder === path.dirname(folder) ? undefined : changeableFolder(path.dirname(folder));
}

/**
 * Creates an empty temporary folder that is closed to other users. Its name begins with `prefix`.
 *
 * @throws {Error} if another user could put a folder of theirs in its place
 */
export function temporaryFolder(prefix: string): string {
  const parent = realpathSync(tmpdir());
  const changeable = changeableFolder(parent);
  if (changeable !== undefined)
    throw new Error(
      `Other users can change the entries of ${changeable}: set TMPDIR to a folder that only you can write to.`,
    );
  return mkdtempSync(path.join(parent, prefix));
}
