import { lstatSync, readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { type LeaseOptions, openLease } from "./lease.ts";
import { problemOf, readManifest } from "./manifest.ts";
import { isShard } from "./sample-shards.ts";
import { CHECKPOINT, DAMAGED, WORK } from "./store.ts";

/** What lies in a run store besides stages. */
export interface Leftovers {
  /** What no process needs, by name relative to the store. */
  readonly unneeded: readonly string[];
  /** Stages that a later run continues from a checkpoint or from samples. */
  readonly unfinished: readonly string[];
  /** Stages that a process is computing. */
  readonly running: readonly string[];
}

/**
 * Finds what killed processes, full disks and damage have left in a run store. The checkpoint of a stage for which
 * `isUsed` is kept. Watches the processes of other machines until it is clear which of them live: a minute at most.
 */
export async function leftovers(
  store: string,
  isUsed: (id: string) => boolean,
  options: Partial<LeaseOptions> = {},
): Promise<Leftovers> {
  const hidden = readdirSync(store).filter((name) => name.startsWith("."));
  const found = {
    unneeded: hidden.filter((name) => name.startsWith(DAMAGED) || isAbandoned(name)),
    unfinished: [] as string[],
    running: [] as string[],
  };
  if (!hidden.includes(WORK)) return found;
  const stages = namesIn(path.join(store, WORK));
  if (stages === undefined) return { ...found, unneeded: [...found.unneeded, WORK] };
  const examine = async (id: string) => {
    const name = path.join(WORK, id);
    const folder = path.join(store, name);
    const parts = namesIn(folder);
    if (parts === undefined) return found.unneeded.push(name);
    if (await isHeld(folder, options)) return found.running.push(id);
    const isStored = problemOf(() => readManifest(path.join(store, id))) === undefined;
    const isKept = (part: string) => part === CHECKPOINT || isShard(part);
    if (isStored || !isUsed(id) || !parts.some(isKept)) return found.unneeded.push(name);
    found.unfinished.push(id);
    for (const part of parts) if (!isKept(part)) found.unneeded.push(path.join(name, part));
  };
  await Promise.all(stages.map(examine));
  return found;
}

/** Whether a live process holds the lease on a folder. */
async function isHeld(folder: string, options: Partial<LeaseOptions>): Promise<boolean> {
  const lease = openLease(folder, options);
  for (;;) {
    if (lease.isFree()) return false;
    if (lease.isAlive()) return true;
    await setTimeout(Math.min(1000, options.beat ?? 1000));
  }
}

/** Whether earlier versions wrote this aside, in a process that has ended: `.ID.PID.tmp`, `.ID.PID.tmp.damaged`. */
function isAbandoned(name: string): boolean {
  const pid = /\.(\d+)\.tmp(?:\.damaged)?$/.exec(name)?.[1];
  if (pid === undefined) return name.endsWith(".tmp");
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EPERM";
  }
}

/** The names in a folder; undefined if this is not a folder, or one that cannot be read. */
function namesIn(folder: string): string[] | undefined {
  try {
    return lstatSync(folder).isDirectory() ? readdirSync(folder).sort() : undefined;
  } catch {
    return undefined;
  }
}
