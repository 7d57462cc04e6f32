import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { fileSystem } from "../../src/files/file-system.ts";
import { inventory, problems, remove } from "../../src/pipeline/inventory.ts";
import { leftovers } from "../../src/pipeline/leftovers.ts";
import { thisProcess } from "../../src/pipeline/owner.ts";
import { inlinePool, type Pool } from "../../src/pipeline/pool.ts";
import { stageId } from "../../src/pipeline/stage-id.ts";
import { temporaryFolder } from "../temporary.ts";
import { type Crash, recordChanges } from "./recorded-disk.ts";
import { computeStubs, stubs } from "./stub-stages.ts";

// In memory, where there are no seconds to lose by flushing.
vi.stubEnv("TMPDIR", existsSync("/dev/shm") ? "/dev/shm" : tmpdir());

/* The run store under faults: calls of the file system that fail, killed processes and power failures, at every point. */

vi.mock("../../src/pipeline/kinds.ts", async (original) => {
  const { withStubs } = await import("./stub-kind.ts");
  return withStubs(await original<typeof import("../../src/pipeline/kinds.ts")>());
});

const everythingBelow = (folder: string) => readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();

/** Of each file below a folder, by name, its digest; without manifests, which say when a stage was computed. */
function digests(folder: string): Record<string, string> {
  const files = everythingBelow(folder).filter(
    (name) => statSync(path.join(folder, name)).isFile() && !name.endsWith("stage.json"),
  );
  const digest = (name: string) =>
    createHash("sha256")
      .update(readFileSync(path.join(folder, name)))
      .digest("hex");
  return Object.fromEntries(files.map((name) => [name, digest(name)]));
}

/** What an undisturbed run leaves. */
async function undisturbed(): Promise<Record<string, string>> {
  const folder = temporaryFolder("faults");
  await computeStubs(folder);
  const expected = digests(folder);
  expect(Object.keys(expected)).toHaveLength(3 * stubs.length);
  return expected;
}

/** What is stored is sound, and the next run ends with the same bytes and nothing else, after leftovers are removed. */
async function expectRecovery(folder: string, expected: Record<string, string>, about: string) {
  expect(problems(folder), about).toEqual([]);
  await computeStubs(folder);
  expect(problems(folder), about).toEqual([]);
  remove(folder, (await leftovers(folder, () => true, { beat: 1, patience: 3 })).unneeded);
  expect(digests(folder), about).toEqual(expected);
}

describe.each<Crash>(["kill", "power loss", "power loss that keeps names"])("a %s at any point", (crash) => {
  test("leaves a sound store with every finished stage, and the next run ends with the same bytes", async () => {
    const expected = await undisturbed();
    const folder = temporaryFolder("faults");
    const recording = recordChanges(folder);
    const finished: { id: string; change: number }[] = [];
    const inline = inlinePool();
    const pool: Pool = {
      ...inline,
      async run(store, stage, onProgress) {
        await inline.run(store, stage, onProgress);
        finished.push({ id: stageId(stage), change: recording.length });
      },
    };
    const owner = { ...thisProcess(), pid: spawnSync("true").pid };
    await computeStubs(folder, { pool, lease: { owner, beat: 1e6 } }).finally(recording.stop);
    expect(finished).toHaveLength(stubs.length);
    expect(recording.length).toBeGreaterThan(80);
    for (let change = 0; change <= recording.length; change++) {
      const left = path.join(temporaryFolder("faults"), "store");
      recording.restore(left, change, crash);
      const before = inventory(left).map(({ id }) => id);
      for (const { id, change: end } of finished) if (end <= change) expect(before).toContain(id);
      await expectRecovery(left, expected, `${crash} before change ${change}`);
    }
  });
});

type Call = keyof typeof fileSystem;

/** What a call of the file system does instead; `call` does what it should. */
type Fault = (name: Call, call: () => unknown, args: unknown[]) => unknown;

/**
 * Lets call number `n` of `fileSystem`, and if `lasting` all later ones, do `fault`. Returns how many calls there were so
 * far, and a function that ends this.
 */
function faultAt(n: number, fault: Fault, lasting: boolean) {
  const original = { ...fileSystem };
  let calls = 0;
  for (const name of Object.keys(original) as Call[]) {
    const replaced = (...args: never[]) => {
      const call = () => (original[name] as (...args: never[]) => unknown)(...args);
      return ++calls === n || (lasting && calls > n) ? fault(name, call, args) : call();
    };
    Object.assign(fileSystem, { [name]: replaced });
  }
  return {
    calls: () => calls,
    end: () => void Object.assign(fileSystem, original),
  };
}

/**
 * Runs the stubs once for every call of `fileSystem` with a fault at that call, and checks that the store recovers.
 * `check` looks at what a failed run leaves. Returns how many runs failed.
 */
async function sweep(
  fault: Fault,
  { lasting = false } = {},
  check: (folder: string, error: Error) => void = () => {},
): Promise<number> {
  const expected = await undisturbed();
  let failures = 0;
  for (let n = 1; ; n++) {
    const folder = temporaryFolder("faults");
    const faults = faultAt(n, fault, lasting);
    const error = await computeStubs(folder)
      .catch((error: Error) => error)
      .finally(faults.end);
    if (n > faults.calls()) return failures;
    if (error !== undefined) {
      failures++;
      check(folder, error);
    }
    await expectRecovery(folder, expected, `a fault at call ${n}: ${error}`);
  }
}

const failing = (code: string, name: string) => Object.assign(new Error(`${code}: ${name} failed`), { code });

describe("a fault at any call of the file system", () => {
  test.each(["EIO", "EINTR"])(
    "%s: leaves a sound store, and the next run ends with the same bytes",
    async (code) => {
      const failures = await sweep((name) => {
        throw failing(code, name);
      });
      expect(failures).toBeGreaterThan(30);
    },
  );

  test("a short write: is continued", async () => {
    const failures = await sweep((name, call, args) => {
      if (name !== "writeSync") return call();
      const [handle, bytes, offset = 0] = args as [number, Uint8Array, number | undefined];
      return fileSystem.writeSync(handle, bytes, offset, Math.ceil((bytes.length - offset) / 2));
    });
    expect(failures).toBe(0);
  });

  test("a disk that is full from then on: leaves nothing half written, and says to free some space", async () => {
    const grows: readonly Call[] = ["mkdirSync", "writeSync", "fsyncSync"];
    const failures = await sweep(
      (name, call) => {
        if (grows.includes(name)) throw failing("ENOSPC", name);
        return call();
      },
      { lasting: true },
      (folder, error) => {
        expect(error.message).toMatch(/: free some space on its disk\.$/);
        const files = everythingBelow(folder).filter((name) => statSync(path.join(folder, name)).isFile());
        expect(files.filter((name) => /\.tmp|lease/.test(name))).toEqual([]);
        if (files.length === 0) expect(readdirSync(folder)).toEqual([]);
      },
    );
    expect(failures).toBeGreaterThan(30);
  });
});

/* Real processes, with the built package. */

test("processes that are killed at some call of the file system leave a store that ends with the same bytes", async () => {
  const [store, whole] = [temporaryFolder("faults"), temporaryFolder("faults")];
  const script = path.join(import.meta.dirname, "train-two-seeds.mjs");
  const train = (folder: string, ...flags: string[]) =>
    spawnSync(process.execPath, [...flags, script, JSON.stringify({ store: folder, epochs: 15 })], {
      env: { ...process.env, NODE_OPTIONS: flags.join(" ") },
    });
  expect(train(whole).status).toBe(0);
  const killer = path.join(import.meta.dirname, "kill-at-call.cjs");
  for (const call of [14, 38]) {
    vi.stubEnv("KILL_AT_CALL", String(call));
    expect(train(store, "--require", killer).status).not.toBe(0);
  }
  expect(train(store).status).toBe(0);
  remove(store, (await leftovers(store, () => true)).unneeded);
  expect(digests(store)).toEqual(digests(whole));
  expect(problems(store)).toEqual([]);
}, 300_000);
