import { spawnSync } from "node:child_process";
import { chownSync } from "node:fs";

/** The id of a user other than the one that runs the tests. */
const otherUser = 65_534;

/** Why files of another user cannot be tested here; undefined if they can. */
export const otherUserProblem =
  process.getuid?.() === 0 ? undefined : "only root can give files to another user";

/** Gives a file or folder to another user. */
export const giveToOtherUser = (file: string): void => chownSync(file, otherUser, otherUser);

const setpriv = (args: readonly string[]) =>
  spawnSync("setpriv", [`--reuid=${otherUser}`, `--regid=${otherUser}`, "--clear-groups", ...args], {
    encoding: "utf8",
  });

/** Why no process can be run as another user here; undefined if it can. */
export const otherProcessProblem =
  otherUserProblem ?? (setpriv(["true"]).status === 0 ? undefined : "setpriv is not available");

/** Runs a shell command as another user. Returns whether it succeeded. */
export const runAsOtherUser = (command: string): boolean => setpriv(["sh", "-c", command]).status === 0;
