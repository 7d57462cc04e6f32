import { type ChildProcess, execFile } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { readdirSync, readFileSync } from "node:fs";

/** A process of this machine. */
export interface ProcessEntry {
  pid: number;
  parent: number;
  /** The process group. */
  group: number;
}

/** How long processes have to end by themselves, in ms. */
const endingTime = 300;

/** The processes that the kernel itself has started from this thread. */
const helpers = new Set<ChildProcess>();
subscribe("child_process", (message) => helpers.add((message as { process: ChildProcess }).process));

/** Parses a line of `/proc/PID/stat`. The command in it may have spaces and parentheses. */
export function parseStat(stat: string): ProcessEntry {
  const pid = Number.parseInt(stat, 10);
  const [, parent, group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { pid, parent: Number(parent), group: Number(group) };
}

function processesOfProc(): ProcessEntry[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      return [parseStat(readFileSync(`/proc/${name}/stat`, "latin1"))];
    } catch {
      // It has just ended.
      return [];
    }
  });
}

function processesOfPs(): Promise<ProcessEntry[]> {
  return new Promise((resolve) => {
    execFile("ps", ["-A", "-o", "pid=,ppid=,pgid="], (error, output) => {
      if (error) return resolve([]);
      const rows = output.trim().split("\n");
      const numbers = rows.map((row) => row.trim().split(/\s+/).map(Number));
      resolve(numbers.map(([pid = 0, parent = 0, group = 0]) => ({ pid, parent, group })));
    });
  });
}

/** All processes; none on Windows. */
async function allProcesses(): Promise<ProcessEntry[]> {
  if (process.platform === "linux") return processesOfProc();
  return process.platform === "win32" ? [] : processesOfPs();
}

/**
 * The processes below a root that are in its process group, as those that get a terminal's Ctrl+C: detached ones are
 * not. Those in `excluded`, and what they have started, are not either.
 */
export function descendantsOf(
  root: number,
  processes: readonly ProcessEntry[],
  excluded: ReadonlySet<number>,
): number[] {
  const group = processes.find(({ pid }) => pid === root)?.group;
  const found: number[] = [];
  const visit = (parent: number) => {
    for (const entry of processes) {
      if (entry.parent !== parent || entry.group !== group || excluded.has(entry.pid)) continue;
      found.push(entry.pid);
      visit(entry.pid);
    }
  };
  visit(root);
  return found;
}

/** Sends a signal to processes. Those that have ended are ignored. Returns those that have not. */
const signal = (pids: readonly number[], name: NodeJS.Signals | 0): number[] =>
  pids.filter((pid) => {
    try {
      return process.kill(pid, name);
    } catch {
      return false;
    }
  });

/** The processes that cells have started, and those that these have started. */
async function cellProcesses(): Promise<number[]> {
  const excluded = new Set([...helpers].flatMap(({ pid }) => pid ?? []));
  return descendantsOf(process.pid, await allProcesses(), excluded);
}

/** Sends SIGINT to the processes that cells have started. */
export async function interruptProcesses(): Promise<void> {
  signal(await cellProcesses(), "SIGINT");
}

/** Ends the processes that cells have started: by SIGTERM, and by SIGKILL those that do not end by themselves. */
export async function endProcesses(): Promise<void> {
  let running = signal(await cellProcesses(), "SIGTERM");
  for (let waited = 0; running.length > 0 && waited < endingTime; waited += 10) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    running = signal(running, 0);
  }
  signal(running, "SIGKILL");
}
