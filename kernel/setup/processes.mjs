import { mkdirSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { readJson, readText } from "./files.mjs";

/** @typedef {{ pid: number, start: string }} Identity a process: a later one with its id has another start time */

/** Where this process's id is valid: host name, boot and pid namespace. */
export const PLACE = [
  os.hostname(),
  readText("/proc/sys/kernel/random/boot_id")?.trim() ?? "",
  pidNamespace(),
].join(" ");

function pidNamespace() {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

/** State and start time of a process, in clock ticks since boot, or null if they cannot be read. */
function processStat(pid) {
  const stat = readText(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields ? { state: fields[0], start: fields[19] ?? "" } : null;
}

/** The identity of a running process. @param {number} pid @returns {Identity} */
export const identify = (pid) => ({ pid, start: processStat(pid)?.start || "unknown" });

/** Whether a value read from a file is an Identity. */
export const isIdentity = (value) =>
  Number.isSafeInteger(value?.pid) && value.pid > 0 && typeof value.start === "string" && value.start !== "";

/** Whether a process of this PLACE is alive; a zombie is not. @param {Identity} identity */
export function isAlive({ pid, start }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== "EPERM") return false;
  }
  const stat = processStat(pid);
  if (stat === null) return true; // This system hides other users' processes.
  return !["Z", "X"].includes(stat.state ?? "") && stat.start === start;
}

/**
 * Records in a folder that this process has started a process group, for `killOrphans`.
 *
 * @param {string} folder
 * @param {number} pid the leader of the group
 * @returns {() => void} removes the record
 */
export function recordGroup(folder, pid) {
  const leader = identify(pid);
  const file = path.join(folder, `${leader.pid}-${leader.start}.json`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, JSON.stringify({ place: PLACE, leader, parent: identify(process.pid) }));
  } catch {
    // The disk is full: the command itself will say so.
  }
  return () => rmSync(file, { force: true });
}

/** Kills the recorded process groups whose parent was killed, and forgets all that have ended. */
export function killOrphans(folder) {
  let names;
  try {
    names = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) {
    const record = readJson(path.join(folder, name));
    const isValid = isIdentity(record?.leader) && isIdentity(record?.parent);
    if (isValid && record.place === PLACE) {
      if (isAlive(record.parent)) continue;
      if (isAlive(record.leader)) killGroup(record.leader.pid);
    }
    rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}

/** Kills a process group, if it still exists. */
export function killGroup(leader) {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // It has already ended.
  }
}
