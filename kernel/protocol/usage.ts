import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import type { Content } from "../shared/content.ts";

/** The processor time used by processes, in ms, and their memory, in bytes. */
interface Usage {
  cpu: number;
  memory: number;
}

/** Linux counts processor time in ticks of this length for all programs, in ms. */
const tick = 10;
/** The size of a page of memory on most systems, in bytes. Only children's memory is counted in pages. */
const pageSize = 4096;

function readOwn(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpu: (user + system) / 1000, memory: process.memoryUsage.rss() };
}

/** The ids of the child processes of a process (Linux only). */
function childrenOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8"));
    return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
  } catch {
    return [];
  }
}

/** The usage of a process (Linux only); nothing if it has ended. */
function readProcess(pid: number): Usage {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The fields that follow the command's name, which is in parentheses and can contain anything.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [user = 0, system = 0] = fields.slice(11, 13);
    return { cpu: (user + system) * tick, memory: (fields[21] ?? 0) * pageSize };
  } catch {
    return { cpu: 0, memory: 0 };
  }
}

/** The child processes of a process, and theirs. */
const descendantsOf = (pid: number): number[] =>
  childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);

/** The processor time of this machine: all, and that in which it was idle. */
function readHost(): { all: number; idle: number } {
  const times = os.cpus().map(({ times }) => times);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return {
    all: sum(times.flatMap((each) => Object.values(each))),
    idle: sum(times.map(({ idle }) => idle)),
  };
}

/**
 * Creates a function that returns the content of a `usage_reply`, as ipykernel's. Shares of processor time are percent
 * since the last call; 100 is one core. Processes that cells have started count too on Linux, where Node can find them.
 */
export function openUsage(now = () => performance.now()): () => Content {
  let last = {
    time: now(),
    host: readHost(),
    processes: new Map<number, number>([[process.pid, readOwn().cpu]]),
  };
  return () => {
    const pids = process.platform === "linux" ? descendantsOf(process.pid) : [];
    const usages = [
      [process.pid, readOwn()] as const,
      ...pids.map((pid) => [pid, readProcess(pid)] as const),
    ];
    const time = now();
    const host = readHost();
    const elapsed = Math.max(time - last.time, 1);
    const used = usages.map(([pid, { cpu }]) => Math.max(cpu - (last.processes.get(pid) ?? 0), 0));
    const hostElapsed = Math.max(host.all - last.host.all, 1);
    const total = os.totalmem();
    const available = os.freemem();
    const reply = {
      status: "ok",
      hostname: os.hostname(),
      pid: process.pid,
      kernel_cpu: (100 * used.reduce((sum, cpu) => sum + cpu, 0)) / elapsed,
      kernel_memory: usages.reduce((sum, [, { memory }]) => sum + memory, 0),
      cpu_count: os.cpus().length,
      host_cpu_percent: 100 * (1 - Math.min((host.idle - last.host.idle) / hostElapsed, 1)),
      host_virtual_memory: {
        ...{ total, available, free: available, used: total - available },
        percent: (100 * (total - available)) / total,
      },
    };
    last = { time, host, processes: new Map(usages.map(([pid, { cpu }]) => [pid, cpu])) };
    return reply;
  };
}
