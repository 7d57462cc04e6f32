import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { readText, temporaryName } from "./files.mjs";
import { log } from "./log.mjs";

/** The start time of a process in clock ticks since boot. It distinguishes a process from a later one with the same id. */
function processStartTime(pid) {
  const stat = readText(`/proc/${pid}/stat`);
  return stat ? (stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "") : "";
}

function isAlive({ pid, start }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== "EPERM") return false;
  }
  return !start || processStartTime(pid) === start;
}

/** The process that holds the lock, or null if nobody does or it has ended. */
export function lockHolder(file) {
  const text = readText(file);
  if (text === null) return null;
  try {
    const owner = JSON.parse(text);
    return isAlive(owner) ? owner : null;
  } catch {
    return null;
  }
}

/**
 * Tries to take the lock: returns whether this process holds it now. The lock file is created by a hard link, so that
 * it is never empty. If the holder has ended, its lock is removed and the next call can succeed.
 */
export function tryLock(file) {
  mkdirSync(path.dirname(file), { recursive: true });
  const mine = temporaryName(file);
  writeFileSync(mine, JSON.stringify({ pid: process.pid, start: processStartTime(process.pid) }));
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (lockHolder(file) === null) clearStale(file);
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Removes the lock of a process that has ended. If another process took the lock meanwhile, restores its file. */
function clearStale(file) {
  const stale = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, stale);
  } catch {
    return;
  }
  try {
    if (lockHolder(stale) !== null) linkSync(stale, file);
  } catch {
    // Another process has taken the lock.
  } finally {
    rmSync(stale, { force: true });
  }
}

/** Releases the lock if this process holds it. */
export function unlock(file) {
  try {
    if (JSON.parse(readFileSync(file, "utf8")).pid === process.pid) rmSync(file, { force: true });
  } catch {
    // There is no lock.
  }
}

/**
 * Waits for the lock, runs `work` and releases the lock.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 */
export async function withLock(file, work) {
  let waiting = false;
  while (!tryLock(file)) {
    const other = lockHolder(file);
    if (other && !waiting) log(`Waiting for another set-up in this repository (process ${other.pid}).`);
    waiting ||= other !== null;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    return await work();
  } finally {
    unlock(file);
  }
}
