import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { lockHolder, tryLock, unlock, withLock } from "../../../kernel/setup/lock.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";

const folder = useTemporaryFolder();
const lock = () => folder.at("cache", "lock");

/** The text of a lock that this process would hold, changed in some fields. */
function lockText(changes: Record<string, unknown>): string {
  tryLock(lock());
  const text = readFileSync(lock(), "utf8");
  unlock(lock());
  return JSON.stringify({ ...JSON.parse(text), ...changes });
}

/** Expects that what has the lock's name is held by nobody and is taken over. */
function expectTaken(): void {
  expect(lockHolder(lock())).toBe(null);
  tryLock(lock());
  expect(tryLock(lock())).toBe(true);
  unlock(lock());
  expect(readdirSync(path.dirname(lock()))).toEqual([]);
}

test("the lock has one holder and is released", async () => {
  expect(tryLock(lock())).toBe(true);
  expect(tryLock(lock())).toBe(false);
  expect(lockHolder(lock())?.pid).toBe(process.pid);
  unlock(lock());
  expect(existsSync(lock())).toBe(false);
  expect(await withLock(lock(), async () => lockHolder(lock())?.pid)).toBe(process.pid);
  expect(existsSync(lock())).toBe(false);
});

test("the lock is released after an error", async () => {
  await expect(withLock(lock(), () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(existsSync(lock())).toBe(false);
});

test("a process releases only the lock that it holds, even if the other has its id", () => {
  folder.put("cache/lock", lockText({}));
  unlock(lock());
  expect(existsSync(lock())).toBe(true);
});

test.each([
  ["of a process that has ended", { pid: 2147483646 }],
  ["of an earlier process with the same id", { start: "1" }],
  ["with process id 0", { pid: 0 }],
  ["with process id -1", { pid: -1 }],
  ["with a fractional process id", { pid: 1.5 }],
  ["with a huge process id", { pid: 1e300 }],
  ["with a process id that is text", { pid: String(process.pid) }],
  ["without a start time", { start: undefined }],
  ["without a place", { place: undefined }],
])("a lock %s is taken over", (_what, changes) => {
  folder.put("cache/lock", lockText(changes));
  expectTaken();
});

test("whatever text a lock file has, it is taken over", () => {
  const texts = ["", "{", "[]", "null", "0", "\0", '{"pid":1}', "x".repeat(100_000)];
  for (const text of texts) {
    folder.put("cache/lock", text);
    expectTaken();
  }
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      folder.put("cache/lock", text);
      expectTaken();
    }),
  );
});

test("a folder, a link or a pipe with the name of the lock is removed, and the link is not followed", () => {
  folder.put("cache/lock/inside", "");
  expectTaken();
  const held = lockText({});
  folder.put("elsewhere", held);
  symlinkSync(folder.at("elsewhere"), lock());
  expectTaken();
  expect(readFileSync(folder.at("elsewhere"), "utf8")).toBe(held);
  symlinkSync("nowhere", lock());
  expectTaken();
  symlinkSync("lock", lock());
  expectTaken();
  expect(spawnSync("mkfifo", [lock()]).status).toBe(0);
  expectTaken();
});

test("a zombie does not hold the lock", async () => {
  // The shell's child ends, and the program that replaces the shell does not wait for it.
  const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 60"]);
  try {
    const [text] = await new Promise<[Buffer]>((resolve) =>
      parent.stdout.once("data", (data) => resolve([data])),
    );
    const pid = Number(text.toString());
    const stat = () => readFileSync(`/proc/${pid}/stat`, "utf8").split(" ");
    await expect.poll(() => stat()[2], { timeout: 20_000 }).toBe("Z");
    folder.put("cache/lock", lockText({ pid, start: stat()[21] }));
    expectTaken();
  } finally {
    parent.kill();
  }
});

test("the lock of another host or container is respected while it is renewed, and then taken over", async () => {
  const text = lockText({ place: "another-host 1234 pid:[1]" });
  folder.put("cache/lock", text);
  expect(lockHolder(lock())?.pid).toBe(process.pid);
  expect(tryLock(lock())).toBe(false);
  expect(tryLock(lock())).toBe(false);
  let renewals = 0;
  const renewal = setInterval(() => {
    renewals += 1;
    utimesSync(lock(), new Date(renewals * 1000), new Date(renewals * 1000));
    if (renewals === 10) clearInterval(renewal);
  }, 50);
  await withLock(lock(), async () => {}, { lease: 400 });
  expect(renewals).toBe(10);
});

test("the holder renews its lock, and fails if another process has taken it", async () => {
  const failed = withLock(lock(), () => new Promise<void>(() => {}), { renewal: 20 });
  utimesSync(lock(), new Date(1000), new Date(1000));
  await expect.poll(() => statSync(lock()).mtimeMs, { timeout: 20_000 }).toBeGreaterThan(1000);
  writeFileSync(lock(), JSON.stringify({ ...JSON.parse(readFileSync(lock(), "utf8")), token: "another" }));
  await expect(failed).rejects.toThrow(
    /Another process has taken over the lock .* run the same command again/,
  );
  expect(existsSync(lock())).toBe(true);
});

test("processes with the lock run one after the other", async () => {
  const module = JSON.stringify(new URL("../../../kernel/setup/lock.mjs", import.meta.url).href);
  const script = `
    import { appendFileSync } from "node:fs";
    import { withLock } from ${module};
    const [lock, file] = process.argv.slice(1);
    await withLock(lock, async () => {
      appendFileSync(file, "in ");
      await new Promise((resolve) => setTimeout(resolve, 100));
      appendFileSync(file, "out ");
    });`;
  const file = folder.at("order");
  const runs = [1, 2, 3].map(
    () =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, ["--input-type=module", "-e", script, lock(), file]);
        child.on("exit", resolve);
      }),
  );
  expect(await Promise.all(runs)).toEqual([0, 0, 0]);
  expect(readFileSync(file, "utf8")).toBe("in out in out in out ");
});
