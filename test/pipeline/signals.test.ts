import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../temporary.ts";

/* Signals to a program that trains in worker processes, with the built package. */

const script = path.join(import.meta.dirname, "train-two-seeds.mjs");

interface Program {
  readonly child: ChildProcess;
  /** How it ended, and which of its workers lived at that moment. */
  readonly end: Promise<{ code: number | null; signal: string | null; living: number[] }>;
  readonly workers: () => number[];
  readonly output: () => string;
}

function start(options: { store: string; epochs?: number; handlesInterrupts?: boolean }): Program {
  const slow = `--require ${JSON.stringify(path.join(import.meta.dirname, "exit-slowly.cjs"))}`;
  const child = spawn(process.execPath, [script, JSON.stringify({ epochs: 30, ...options })], {
    env: { ...process.env, NODE_OPTIONS: slow },
  });
  const workers = new Set<number>();
  const watch = setInterval(() => {
    for (const pid of childrenOf(child.pid!)) workers.add(pid);
  }, 20);
  const texts: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => texts.push(String(text)));
  const end = once(child, "exit").then(([code, signal]) => {
    clearInterval(watch);
    return { code, signal, living: [...workers].filter(isAlive) };
  });
  onTestFinished(() => {
    clearInterval(watch);
    for (const pid of [child.pid!, ...workers].filter(isAlive)) process.kill(pid, "SIGKILL");
  });
  return { child, end, workers: () => [...workers], output: () => texts.join("") };
}

const childrenOf = (pid: number) => {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, "utf8").split(" ").filter(Boolean).map(Number) : [];
};

function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(20);
}

/** The checkpoints in a store. */
const checkpoints = (store: string) =>
  existsSync(store)
    ? readdirSync(store, { recursive: true, encoding: "utf8" }).filter((name) =>
        name.endsWith("/checkpoint.safetensors"),
      )
    : [];

/** The digests of the files of a store's stages, without manifests. */
function digests(store: string): [string, string][] {
  const names = readdirSync(store, { recursive: true, encoding: "utf8" }).sort();
  return names
    .filter((name) => /\.(safetensors|json)$/.test(name) && !name.endsWith("stage.json"))
    .map((name) => [
      name,
      createHash("sha256")
        .update(readFileSync(path.join(store, name)))
        .digest("hex"),
    ]);
}

describe("a program that trains", () => {
  test("ends on SIGTERM with 143 after its workers have, and continues to the same bytes", async () => {
    const [store, whole] = [temporaryFolder("signals"), temporaryFolder("signals")];
    const stopped = start({ store });
    await until(() => checkpoints(store).length === 2);
    stopped.child.kill("SIGTERM");
    expect(await stopped.end).toEqual({ code: 143, signal: null, living: [] });
    expect(stopped.workers()).toHaveLength(2);
    expect(stopped.output()).toContain("Stopping: what was computed is being saved.");
    expect(checkpoints(store)).toHaveLength(2);
    expect((await start({ store }).end).code).toBe(0);
    expect((await start({ store: whole }).end).code).toBe(0);
    expect(digests(store)).toEqual(digests(whole));
    expect(readdirSync(store)).toHaveLength(2);
  });

  test("ends at once on a second signal, and its workers follow", async () => {
    const store = temporaryFolder("signals");
    const stopped = start({ store, epochs: 1e5 });
    await until(() => checkpoints(store).length === 2);
    for (const pid of stopped.workers()) process.kill(pid, "SIGSTOP");
    stopped.child.kill("SIGTERM");
    await until(() => stopped.output().includes("Stopping"));
    await setTimeout(500);
    expect(stopped.child.exitCode).toBe(null);
    stopped.child.kill("SIGTERM");
    expect((await stopped.end).code).toBe(143);
    for (const pid of stopped.workers()) process.kill(pid, "SIGCONT");
    await until(() => !stopped.workers().some(isAlive));
  });

  test("ends on SIGINT with 130, also if a terminal and npm each send one", async () => {
    const store = temporaryFolder("signals");
    const stopped = start({ store, epochs: 1e5 });
    await until(() => checkpoints(store).length === 2);
    stopped.child.kill("SIGINT");
    stopped.child.kill("SIGINT");
    await setTimeout(20);
    stopped.child.kill("SIGTERM");
    expect(await stopped.end).toEqual({ code: 130, signal: null, living: [] });
  });

  test("that is killed leaves no worker behind, and the checkpoints of their last steps", async () => {
    const store = temporaryFolder("signals");
    const killed = start({ store, epochs: 1e5 });
    await until(() => checkpoints(store).length === 2);
    const before = digests(store);
    killed.child.kill("SIGKILL");
    await killed.end;
    await until(() => !killed.workers().some(isAlive));
    const after = digests(store);
    expect(after.map(([name]) => name)).toEqual(before.map(([name]) => name));
    for (const [index, [, digest]] of after.entries()) expect(digest).not.toBe(before[index]![1]);
  });

  test("keeps SIGINT for its own use if it has one, as a notebook's kernel does, and stops on SIGTERM", async () => {
    const store = temporaryFolder("signals");
    const program = start({ store, epochs: 1e5, handlesInterrupts: true });
    await until(() => checkpoints(store).length === 2);
    program.child.kill("SIGINT");
    await until(() => program.output().includes("interrupted"));
    program.child.kill("SIGTERM");
    expect(await program.end).toEqual({ code: 143, signal: null, living: [] });
  });
});
