import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { aside, textOf } from "./files.mjs";
import { say } from "./say.mjs";

/** When a process started, as the kernel counts it, so that a reused process id is not taken for the old one. */
function startOf(pid) {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat ? (stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "") : "";
}

function isAlive({ pid, start }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== "EPERM") return false;
  }
  return !start || startOf(pid) === start;
}

/** Who holds the lock: null where nobody does or its process is gone. */
export function holder(file) {
  const text = textOf(file);
  if (text === null) return null;
  try {
    const owner = JSON.parse(text);
    return isAlive(owner) ? owner : null;
  } catch {
    return null;
  }
}

/** Takes the lock if it is free or its holder is gone. The file appears whole, by a hard link. */
export function tryLock(file) {
  mkdirSync(path.dirname(file), { recursive: true });
  const mine = aside(file);
  writeFileSync(mine, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }));
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (holder(file) === null) clearStale(file);
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Removes a lock whose process is gone; puts back one that another process took in between. */
function clearStale(file) {
  const stale = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, stale);
  } catch {
    return;
  }
  try {
    if (holder(stale) !== null) linkSync(stale, file);
  } catch {
    // Somebody holds it already.
  } finally {
    rmSync(stale, { force: true });
  }
}

/** Gives the lock back if this process holds it. */
export function unlock(file) {
  try {
    if (JSON.parse(readFileSync(file, "utf8")).pid === process.pid) rmSync(file, { force: true });
  } catch {
    // It is not there.
  }
}

/**
 * Runs `work` while holding the lock, waiting for whoever holds it now.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 */
export async function withLock(file, work) {
  let told = false;
  while (!tryLock(file)) {
    const other = holder(file);
    if (other && !told) say(`Another set-up (process ${other.pid}) is running here: waiting for it.`);
    told ||= other !== null;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    return await work();
  } finally {
    unlock(file);
  }
}
