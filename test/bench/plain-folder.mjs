import { accessSync, constants, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A path that a shell does not split or expand. */
const PLAIN = /^[\w./+@-]+$/;

/**
 * A path to a folder for programs that do not quote paths in the commands that they run: the folder's own path, or else a
 * link to it. torch.compile does not quote its cache and the folders of its environment when it calls the C++ compiler.
 *
 * @param {string} folder
 * @param {string[]} places folders that may hold the link, the preferred one first
 * @returns {{ folder: string, remove: () => void }} `remove` removes the link
 */
export function plainFolder(folder, places = [tmpdir(), "/tmp", "/var/tmp", "/dev/shm"]) {
  const place = places.find((each) => PLAIN.test(each) && isWritable(each));
  if (PLAIN.test(folder) || place === undefined) return { folder, remove() {} };
  const parent = mkdtempSync(path.join(place, "allroads-bench-"));
  const link = path.join(parent, "bench");
  symlinkSync(folder, link);
  return { folder: link, remove: () => rmSync(parent, { recursive: true, force: true }) };
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
