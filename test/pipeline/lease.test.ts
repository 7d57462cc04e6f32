import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { problems } from "../../src/pipeline/inventory.ts";
import { type LeaseOptions, openLease } from "../../src/pipeline/lease.ts";
import { type Owner, thisProcess } from "../../src/pipeline/owner.ts";
import { temporaryFolder } from "../temporary.ts";

const elsewhere = (name: string): Owner => ({ host: name, pid: 7, place: `${name} boot namespace` });

describe("a lease", () => {
  const timing = { beat: 5_000, patience: 60_000 };
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Looks at a lease every second for `seconds`, until it is taken. */
  function takenWithin(lease: ReturnType<typeof openLease>, seconds: number): boolean {
    for (let second = 0; second < seconds; second++) {
      if (lease.take()) return true;
      vi.advanceTimersByTime(1000);
    }
    return false;
  }

  test("is taken by one process at a time, and leaves nothing when it is given back", () => {
    const folder = path.join(temporaryFolder("lease"), "work", "stage");
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, "checkpoint.safetensors"), "");
    const [one, other] = [openLease(folder), openLease(folder)];
    expect(one.take()).toBe(true);
    expect(other.take()).toBe(false);
    expect(other.holder()).toBe(`process ${process.pid} on ${thisProcess().host}`);
    one.release();
    expect(other.take()).toBe(true);
    expect(one.take()).toBe(false);
    rmSync(path.join(folder, "checkpoint.safetensors"));
    other.release();
    expect(existsSync(folder)).toBe(false);
  });

  test("names its holder without characters that act on a terminal", () => {
    const folder = temporaryFolder("lease");
    writeFileSync(path.join(folder, "lease-1"), JSON.stringify({ host: "a\u001b[31m", pid: 7 }));
    const lease = openLease(folder);
    expect(lease.take()).toBe(false);
    expect(lease.holder()).toBe("process 7 on a??31m");
  });

  test("of a process of this machine that has ended is free at once", () => {
    const folder = temporaryFolder("lease");
    const gone = { ...thisProcess(), pid: spawnSync("true").pid };
    expect(openLease(folder, { owner: gone }).take()).toBe(true);
    expect(openLease(folder).take()).toBe(true);
  });

  test("of a process whose id another process has by now is free at once", () => {
    const folder = temporaryFolder("lease");
    const earlier = { ...thisProcess(), started: "1" };
    expect(openLease(folder, { owner: earlier }).take()).toBe(true);
    expect(openLease(folder).take()).toBe(true);
  });

  test("of another machine stays as long as its holder gives signs of life, and is free a minute after the last", () => {
    const folder = temporaryFolder("lease");
    const holder = openLease(folder, { ...timing, owner: elsewhere("a") });
    const observer = openLease(folder, { ...timing, owner: elsewhere("b") });
    expect(holder.take()).toBe(true);
    expect(takenWithin(observer, 300)).toBe(false);
    expect(observer.isAlive()).toBe(true);
    // What a stalled process does.
    const [file] = readdirSync(folder);
    const silent = readFileSync(path.join(folder, String(file)));
    holder.release();
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, String(file)), silent);
    expect(takenWithin(observer, 59)).toBe(false);
    expect(takenWithin(observer, 9)).toBe(true);
    observer.release();
  });

  test("is not taken from its holder by an observer that was itself stalled", () => {
    const folder = temporaryFolder("lease");
    writeFileSync(path.join(folder, "lease-1"), JSON.stringify(elsewhere("a")));
    const observer = openLease(folder, { ...timing, owner: elsewhere("b") });
    expect(observer.take()).toBe(false);
    vi.advanceTimersByTime(3_600_000);
    expect(observer.take()).toBe(false);
    expect(takenWithin(observer, 70)).toBe(true);
    observer.release();
  });

  test("of a silent holder goes to one of many observers", () => {
    const folder = temporaryFolder("lease");
    writeFileSync(path.join(folder, "lease-1"), JSON.stringify(elsewhere("a")));
    const observers = ["b", "c", "d"].map((name) => openLease(folder, { ...timing, owner: elsewhere(name) }));
    for (let second = 0; second < 100; second++) {
      expect(observers.filter((one) => one.take()).length).toBe(second === 60 ? 1 : 0);
      vi.advanceTimersByTime(1000);
    }
    for (const one of observers) one.release();
  });

  test("is not disturbed by an earlier holder that was only stalled", () => {
    const folder = temporaryFolder("lease");
    const stalled = openLease(folder, { owner: elsewhere("a"), beat: 1_000_000, patience: 60_000 });
    const successor = openLease(folder, { ...timing, owner: elsewhere("b") });
    const third = openLease(folder, { ...timing, owner: elsewhere("c") });
    expect(stalled.take()).toBe(true);
    expect(takenWithin(successor, 70)).toBe(true);
    vi.advanceTimersByTime(2_000_000);
    stalled.release();
    expect(takenWithin(third, 300)).toBe(false);
    successor.release();
    expect(third.take()).toBe(true);
    third.release();
  });

  test("is not given back by a process that has lost it with its folder", () => {
    const folder = path.join(temporaryFolder("lease"), "stage");
    const [one, other, third] = [openLease(folder), openLease(folder), openLease(folder)];
    expect(one.take()).toBe(true);
    rmSync(folder, { recursive: true });
    expect(other.take()).toBe(true);
    one.release();
    expect(third.take()).toBe(false);
    other.release();
  });

  test.each([
    ["an empty file", (file: string) => writeFileSync(file, "")],
    ["no JSON", (file: string) => writeFileSync(file, "{{{")],
    [
      "a process id of 0",
      (file: string) => writeFileSync(file, JSON.stringify({ ...thisProcess(), pid: 0 })),
    ],
    ["a folder", (file: string) => mkdirSync(file)],
  ])("that is %s is free after a minute", (_, make) => {
    const folder = temporaryFolder("lease");
    make(path.join(folder, "lease-3"));
    const lease = openLease(folder, { ...timing });
    expect(takenWithin(lease, 59)).toBe(false);
    expect(takenWithin(lease, 3)).toBe(true);
    expect(readdirSync(folder)).toEqual(["lease-4"]);
    lease.release();
  });
});

/* Processes that share a store, with the built package. */

interface Sharing {
  readonly stage?: number;
  readonly lease?: Partial<LeaseOptions>;
  /** A command before `node`. */
  readonly within?: readonly string[];
}

/** Starts processes that wait until all of them are ready, then compute the same stages in the same store. */
async function startTogether(folder: string, processes: readonly Sharing[]): Promise<ChildProcess[]> {
  const script = path.join(import.meta.dirname, "compute-with-stubs.mjs");
  const children = processes.map(({ within = [], stage = 20, lease }) => {
    const input = { store: path.join(folder, "runs"), log: path.join(folder, "log"), stage, lease };
    const [command = "node", ...args] = [...within, process.execPath, script, JSON.stringify(input)];
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  });
  await Promise.all(children.map((child) => once(child.stdout!, "data")));
  for (const child of children) child.stdin!.write("go\n");
  return children;
}

/** The lines of the log that begin with `word`, without it. */
function logged(folder: string, word: "start" | "end"): string[] {
  const file = path.join(folder, "log");
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  return lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(10);
}

const ended = async (child: ChildProcess) => child.exitCode ?? (await once(child, "exit"))[0];

/** The store holds every stage once, and nothing else. */
function expectComplete(folder: string) {
  const names = readdirSync(path.join(folder, "runs"));
  expect(problems(path.join(folder, "runs"))).toEqual([]);
  expect(names.length).toBeGreaterThan(20);
  expect(new Set(logged(folder, "start"))).toEqual(new Set(names));
}

const canMakeNamespaces = spawnSync("unshare", ["--pid", "--fork", "true"]).status === 0;

describe("processes on one store", () => {
  test.each([
    ["two", 2, []],
    ["four", 4, []],
    ...(canMakeNamespaces
      ? [["four with equal process ids", 4, ["unshare", "--pid", "--fork"]] as const]
      : []),
  ] as const)("%s compute each stage once", async (_, count, within) => {
    const folder = temporaryFolder("sharing");
    const children = await startTogether(folder, Array(count).fill({ within }));
    expect(await Promise.all(children.map(ended))).toEqual(Array(count).fill(0));
    expectComplete(folder);
    expect(logged(folder, "start")).toHaveLength(new Set(logged(folder, "start")).size);
  });

  test("take over what a killed one was computing, at once on the same machine", async () => {
    const folder = temporaryFolder("sharing");
    const [killed] = await startTogether(folder, [{ stage: 100_000 }]);
    await until(() => logged(folder, "start").length === 1);
    killed!.kill("SIGKILL");
    await ended(killed!);
    const started = performance.now();
    const [other] = await startTogether(folder, [{ stage: 0 }]);
    expect(await ended(other!)).toBe(0);
    expect(performance.now() - started).toBeLessThan(40_000);
    expectComplete(folder);
    expect(logged(folder, "start")).toHaveLength(new Set(logged(folder, "start")).size + 1);
  });

  test("take over what a stalled one on another machine was computing, which may go on later", async () => {
    const folder = temporaryFolder("sharing");
    const fast = { beat: 50, patience: 1000 };
    const [stalled] = await startTogether(folder, [
      { stage: 300, lease: { ...fast, owner: elsewhere("a") } },
    ]);
    await until(() => logged(folder, "end").length === 2);
    stalled!.kill("SIGSTOP");
    const [other] = await startTogether(folder, [{ stage: 0, lease: { ...fast, owner: elsewhere("b") } }]);
    expect(await ended(other!)).toBe(0);
    expectComplete(folder);
    stalled!.kill("SIGCONT");
    expect(await ended(stalled!)).toBe(0);
    expectComplete(folder);
  });
});
