import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A process as it names itself to others that use the same run store. */
export interface Owner {
  readonly host: string;
  readonly pid: number;
  /**
   * The host, its current boot and the process-id namespace: where process ids mean the same. Absent if unknown, and then
   * no process can tell whether another one lives.
   */
  readonly place?: string;
  /** When the process started, in ticks of the kernel's clock: tells it from a later process with the same id. */
  readonly started?: string;
}

let self: Owner | undefined;

/** This process. */
export function thisProcess(): Owner {
  self ??= describeSelf();
  return self;
}

function describeSelf(): Owner {
  const { pid } = process;
  const host = hostname();
  const boot = attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const namespace = attempt(() => readlinkSync("/proc/self/ns/pid"));
  const place = boot && namespace && `${host} ${boot} ${namespace}`;
  // In a new namespace /proc may still show the ids of the outer one.
  const isOwnProc = attempt(() => readlinkSync("/proc/self")) === String(pid);
  return { host, pid, place, started: isOwnProc ? statusOf(pid)?.started : undefined };
}

/** Whether `owner` is known to have ended. False if it lives, or if `observer` cannot know. */
export function hasEnded(owner: Owner, observer: Owner): boolean {
  if (owner.place === undefined || owner.place !== observer.place) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  const status = observer.started === undefined ? undefined : statusOf(owner.pid);
  if (status === undefined || owner.started === undefined) return false;
  return status.isZombie || status.started !== owner.started;
}

/** What /proc says of a process; undefined if nothing. */
function statusOf(pid: number): { isZombie: boolean; started: string } | undefined {
  return attempt(() => {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, the name in parentheses, may hold spaces and parentheses.
    const [state = "", ...fields] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { isZombie: state === "Z" || state === "X", started: fields[18] ?? "" };
  });
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
