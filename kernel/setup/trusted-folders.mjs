import { lstatSync, readdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { readText } from "./files.mjs";

/** @typedef {{ uid: number, gid: number, name: string, groups: string }} User `groups` is the text of /etc/group */

/** The user that runs this process. In a container it can be one without a name. @returns {User} */
function thisUser() {
  const [uid = -1, gid = -1] = [process.getuid?.(), process.getgid?.()];
  let name = "";
  try {
    name = os.userInfo().username;
  } catch {
    // It has none, and therefore no group of its own.
  }
  return { uid, gid, name, groups: readText("/etc/group") ?? "" };
}

/** Whether a group has no member but the user: many systems give each user such a group, and a umask of 002. */
function isPrivateGroup(gid, { gid: own, name, groups }) {
  if (gid !== own) return false;
  const entry = groups
    .split("\n")
    .map((line) => line.split(":"))
    .find((fields) => fields[2] === String(gid));
  if (entry === undefined || entry[0] !== name) return false;
  return (entry[3] ?? "").split(",").every((member) => member === "" || member === name);
}

const status = (folder) => lstatSync(folder, { throwIfNoEntry: false });

/** The folders of pip and of the libraries in the cache. */
const cachedPrograms = (cache) =>
  (status(cache)?.isDirectory() ? readdirSync(cache) : [])
    .filter((name) => /^(pip|nvidia|tensorflow-.*)$/.test(name))
    .map((name) => path.join(cache, name));

/** The folders that set-up writes programs to and runs them from. */
const programFolders = ({ cache, venv, nodeModules, root }) => [
  cache,
  ...cachedPrograms(cache),
  venv,
  path.join(venv, "bin"),
  nodeModules,
  path.join(root, ".github", "reference", "node_modules"),
  path.join(root, "src", "dist"),
  path.join(root, "kernel", "dist"),
];

/**
 * Checks that no other user can change the programs that set-up installs and runs: each of their folders that exists is
 * no link, belongs to this user, to root or to the owner of the repository, and only its owner can write to it.
 *
 * @param {import("./paths.mjs").Paths} paths
 * @param {User} [user]
 * @throws {Failure} that names the first folder that is not so
 */
export function checkFolders(paths, user = thisUser()) {
  const root = status(paths.root);
  const owners = [user.uid, 0, root?.uid];
  const again = "then run the same command again.";
  if (root && (root.mode & 0o1002) === 0o002)
    throw new Failure(
      `All users of this machine can replace the programs in ${paths.root}: run chmod o-w "${paths.root}", ${again}`,
    );
  for (const folder of programFolders(paths)) {
    const found = status(folder);
    if (!found) continue;
    if (!found.isDirectory())
      throw new Failure(
        `${folder} is ${found.isSymbolicLink() ? "a link" : "not a folder"}, and set-up installs programs in a folder of this name: remove it, ${again}`,
      );
    if (!owners.includes(found.uid))
      throw new Failure(
        `${folder} belongs to another user (uid ${found.uid}), who could change the programs in it: delete it, ${again}`,
      );
    const writable = found.mode & (isPrivateGroup(found.gid, user) ? 0o002 : 0o022);
    if (writable)
      throw new Failure(
        `Other users can change the programs in ${folder} (its mode is ${(found.mode & 0o7777).toString(8)}): run chmod -R go-w "${folder}" if you trust what is in it, or else delete it, ${again}`,
      );
  }
}
