import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { temporaryName } from "./files.mjs";
import { log } from "./log.mjs";
import { identify, isAlive, isIdentity, PLACE } from "./processes.mjs";

/**
 * @typedef {object} Owner what a lock file contains, as JSON
 * @property {number} pid
 * @property {string} start the process's start time; a later process with its id has another
 * @property {string} place where the process id is valid
 * @property {string} token random, different for each time a lock is taken
 */

/** How often the holder renews the time stamp of the lock file, in milliseconds. */
const RENEWAL = 5_000;

/**
 * After how many milliseconds without renewal a lock is taken over whose holder's process id means nothing here: it is
 * on another host, in another container, or from before a restart of this machine.
 */
const LEASE = 60_000;

/** The tokens of the locks that this process holds, by file. */
const held = new Map();

/** Whether the owner's process id means something here. */
const isLocal = (owner) => owner.place === PLACE;

/** The owner that the text of a lock file names, or null if it is not one. @returns {Owner | null} */
function parseOwner(text) {
  try {
    const owner = JSON.parse(text);
    const { pid, start, place, token } = owner;
    const isText = (value) => typeof value === "string" && value !== "";
    return isIdentity(owner) && isText(place) && isText(token) ? { pid, start, place, token } : null;
  } catch {
    return null;
  }
}

/**
 * Reads a lock file without following a link. Opening it makes a network file system look up its present state.
 *
 * @returns {{ owner: Owner, renewed: string } | null} null if it is missing or no valid lock; `renewed` changes
 *   whenever the lock is taken or renewed
 */
function readLock(file) {
  let handle;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = fstatSync(handle);
    if (!stat.isFile() || stat.size > 4096) return null;
    const owner = parseOwner(readFileSync(handle, "utf8"));
    return owner && { owner, renewed: `${owner.token} ${stat.mtimeMs}` };
  } catch {
    return null;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** The process that holds a lock, or null if there is none, it has ended, or `abandoned` says so. */
function holderOf(lock, abandoned) {
  if (lock === null) return null;
  return (isLocal(lock.owner) ? isAlive(lock.owner) : !abandoned(lock)) ? lock.owner : null;
}

/** The process that holds the lock, or null if nobody does or it has ended. One elsewhere counts as running. */
export const lockHolder = (file) => holderOf(readLock(file), () => false);

/**
 * Tries to take the lock: returns whether this process holds it now. The lock file is created by a hard link, so that
 * it is never empty. If nobody holds the lock, whatever has its name is removed and the next call can succeed.
 *
 * @param {string} file
 * @param {(lock: { owner: Owner, renewed: string }) => boolean} [abandoned] whether a holder elsewhere has ended
 */
export function tryLock(file, abandoned = () => false) {
  mkdirSync(path.dirname(file), { recursive: true });
  const mine = temporaryName(file);
  const token = randomBytes(16).toString("hex");
  try {
    const owner = { ...identify(process.pid), place: PLACE, token };
    writeFileSync(mine, JSON.stringify(owner), { flag: "wx" });
    linkSync(mine, file);
    held.set(file, token);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (holderOf(readLock(file), abandoned) === null) clearStale(file, abandoned);
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Removes a lock that nobody holds. If another process took the lock meanwhile, restores its file. */
function clearStale(file, abandoned) {
  const stale = temporaryName(file);
  try {
    renameSync(file, stale);
  } catch (error) {
    if (error.code === "ENOENT") return; // Another process has removed it.
    throw error;
  }
  try {
    if (holderOf(readLock(stale), abandoned) !== null) linkSync(stale, file);
  } catch {
    // Another process has taken the lock.
  } finally {
    rmSync(stale, { recursive: true, force: true });
  }
}

const isMine = (file) => held.has(file) && readLock(file)?.owner.token === held.get(file);

/** Releases the lock if this process holds it. */
export function unlock(file) {
  if (isMine(file)) rmSync(file, { force: true });
  held.delete(file);
}

/** A function that tells whether it has seen the same lock, not renewed, for `lease` milliseconds. */
function leaseWatch(lease) {
  let seen = "";
  let since = 0;
  return ({ renewed }) => {
    if (renewed !== seen) {
      seen = renewed;
      since = performance.now();
    }
    return performance.now() - since >= lease;
  };
}

/**
 * Waits for the lock, runs `work` and releases the lock.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @param {{ renewal?: number, lease?: number }} [times] in milliseconds
 * @throws {Failure} if another process takes the lock over, since this one did not run for the time of the lease
 */
export async function withLock(file, work, { renewal = RENEWAL, lease = LEASE } = {}) {
  let waiting = false;
  const abandoned = leaseWatch(lease);
  while (!tryLock(file, abandoned)) {
    const other = lockHolder(file);
    if (other && !waiting) {
      const where = isLocal(other) ? "" : ` on ${other.place.split(" ")[0]}`;
      log(`Waiting for another set-up in this repository (process ${other.pid}${where}).`);
    }
    waiting ||= other !== null;
    await new Promise((resolve) => setTimeout(resolve, Math.min(200, lease)));
  }
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const lost = new Promise((_, reject) => {
    timer = setInterval(() => {
      if (isMine(file)) utimesSync(file, new Date(), new Date());
      else
        reject(
          new Failure(
            `Another process has taken over the lock ${file}, or removed it, while this one was suspended: run the same command again.`,
          ),
        );
    }, renewal);
  });
  try {
    return await Promise.race([work(), lost]);
  } finally {
    clearInterval(timer);
    unlock(file);
  }
}
