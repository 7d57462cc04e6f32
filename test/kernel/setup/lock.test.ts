import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { lockHolder, tryLock, unlock, withLock } from "../../../kernel/setup/lock.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";

const folder = useTemporaryFolder();
const lock = () => folder.at("cache", "lock");

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

test.each([
  ["of a process that has ended", '{"pid":2147483646,"start":""}'],
  ["of an earlier process with the same id", `{"pid":${process.pid},"start":"1"}`],
  ["that is not valid JSON", "{"],
])("a lock %s can be taken", (_what, text) => {
  folder.put("cache/lock", text);
  expect(lockHolder(lock())).toBe(null);
  tryLock(lock());
  expect(tryLock(lock())).toBe(true);
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
