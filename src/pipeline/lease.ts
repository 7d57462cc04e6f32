import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import {
  errorCode,
  fileSystem,
  readRegularFile,
  removeIfEmpty,
  removeQuietly,
} from "../files/file-system.ts";
import { hasEnded, type Owner, thisProcess } from "./owner.ts";

/*
 * A lease says which process computes a stage, so that others on the same store leave it alone. It is the file of the
 * highest number among `lease-1`, `lease-2`, … in the stage's work folder. One takes a lease by creating the next number,
 * at which only one process succeeds, on network file systems too. The holder counts up in its file every few seconds.
 * Once it is seen to have ended, or its file has not changed for a while by the observer's own clock, another process
 * takes the next number.
 *
 * A holder that was only stalled may then go on beside its successor. That wastes work and harms nothing: both compute
 * the same bytes, and every file is written aside and renamed.
 */

/** Who takes leases, and how long things take, in milliseconds. */
export interface LeaseOptions {
  readonly owner: Owner;
  /** Between two signs of life of a holder. */
  readonly beat: number;
  /** How long a holder may give no sign of life before its lease is free. */
  readonly patience: number;
}

/** The lease on the work that a folder is for, as one process sees it. */
export interface Lease {
  /**
   * Takes the lease unless another process holds it, and returns whether this process has it. Call it again from time to
   * time: whether a holder on another machine lives is seen only by watching.
   */
  take(): boolean;
  /** Whether `take` would try to take it. */
  isFree(): boolean;
  /** Gives the lease back, and removes the folder if nothing else is in it. */
  release(): void;
  /** The process that held the lease at the last look, in words. */
  holder(): string;
  /** Whether that process is on this machine or was seen to give a sign of life. */
  isAlive(): boolean;
}

/** The lease on a folder, which need not exist. `options` are for tests. */
export function openLease(folder: string, options: Partial<LeaseOptions> = {}): Lease {
  const { owner = thisProcess(), beat = 5_000, patience = 60_000 } = options;
  const token = randomBytes(8).toString("hex");
  const content = (count: number) =>
    Buffer.from(JSON.stringify({ ...owner, token, count: String(count).padStart(10, "0") }));
  let seen: { holder: Holder; looked: number; unchanged: number; alive: boolean } | undefined;
  let held: { file: string; timer: NodeJS.Timeout } | undefined;

  /** Looks at the holder, and returns whether its lease is free. */
  const isGone = (holder: Holder): boolean => {
    if (holder.owner !== undefined && hasEnded(holder.owner, owner)) return true;
    const looked = performance.now();
    const before = seen?.holder.file === holder.file ? seen : undefined;
    const isSame = before?.holder.text === holder.text;
    // At most one beat for each look: an observer that was itself stalled cannot say what the holder did meanwhile.
    const unchanged = before && isSame ? before.unchanged + Math.min(looked - before.looked, beat) : 0;
    const isHere = owner.place !== undefined && holder.owner?.place === owner.place;
    seen = {
      holder,
      looked,
      unchanged,
      alive: isHere || (before !== undefined && (before.alive || !isSame)),
    };
    return unchanged >= patience;
  };

  return {
    take() {
      const holder = holderOf(folder);
      if (holder !== undefined && !isGone(holder)) return false;
      fileSystem.mkdirSync(folder, { recursive: true });
      const file = path.join(folder, `lease-${(holder?.number ?? 0) + 1}`);
      try {
        if (!create(file, content(0))) return false;
      } catch (error) {
        removeIfEmpty(folder);
        throw error;
      }
      if (holder !== undefined) removeQuietly(holder.file);
      held = { file, timer: giveSigns(file, content, beat) };
      return true;
    },
    release() {
      if (held === undefined) return;
      clearInterval(held.timer);
      if (textOf(held.file).includes(token)) removeQuietly(held.file);
      removeIfEmpty(folder);
      held = undefined;
    },
    holder() {
      const owner = seen?.holder.owner;
      return owner === undefined ? "another process" : `process ${owner.pid} on ${owner.host}`;
    },
    isFree() {
      const holder = holderOf(folder);
      return holder === undefined || isGone(holder);
    },
    isAlive: () => seen?.alive === true,
  };
}

/** The file of a lease that is held. */
interface Holder {
  readonly number: number;
  readonly file: string;
  /** Its content, or "" if it cannot be read. */
  readonly text: string;
  readonly owner?: Owner;
}

/** The holder of the lease on a folder; undefined if it was never taken or was given back. */
function holderOf(folder: string): Holder | undefined {
  const numbers = namesIn(folder).flatMap(
    (name) => /^lease-(\d{1,9})$/.exec(name)?.slice(1).map(Number) ?? [],
  );
  if (numbers.length === 0) return undefined;
  const number = Math.max(...numbers);
  const file = path.join(folder, `lease-${number}`);
  const text = textOf(file);
  return { number, file, text, owner: ownerIn(text) };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

function textOf(file: string): string {
  try {
    return Buffer.from(readRegularFile(file, 2 ** 16)).toString();
  } catch {
    return "";
  }
}

/** The process that a lease names; undefined if it names none, as when it is just being written. */
function ownerIn(text: string): Owner | undefined {
  try {
    const { host, pid, place, started } = JSON.parse(text);
    if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
    return {
      host: String(host)
        .replaceAll(/[^\w.-]/g, "?")
        .slice(0, 64),
      pid,
      place,
      started,
    };
  } catch {
    return undefined;
  }
}

/** Creates a file, and returns whether this process did: not if it exists, or its folder was removed meanwhile. */
function create(file: string, content: Uint8Array): boolean {
  let handle: number;
  try {
    handle = fileSystem.openSync(file, "wx");
  } catch (error) {
    if (errorCode(error) === "EEXIST" || errorCode(error) === "ENOENT") return false;
    throw error;
  }
  try {
    fileSystem.writeSync(handle, content);
  } catch (error) {
    removeQuietly(file);
    throw error;
  } finally {
    fileSystem.closeSync(handle);
  }
  return true;
}

/** Counts up in a lease's file, in place, until the file is removed. */
function giveSigns(file: string, content: (count: number) => Uint8Array, beat: number): NodeJS.Timeout {
  let count = 0;
  const timer = setInterval(() => {
    try {
      const handle = fileSystem.openSync(file, "r+");
      try {
        fileSystem.writeSync(handle, content(++count), 0, undefined, 0);
      } finally {
        fileSystem.closeSync(handle);
      }
    } catch (error) {
      // Without its file the lease is lost: the work is done, or another process has taken over.
      if (errorCode(error) === "ENOENT") clearInterval(timer);
    }
  }, beat);
  return timer.unref();
}
