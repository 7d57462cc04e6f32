import { expect, test } from "vitest";
import { matchesLock } from "../../../kernel/setup/packages.mjs";

const lockWith = (packages: Record<string, Record<string, string | boolean>>) => ({
  packages: {
    "": { name: "root" },
    src: { version: "1.0.0" },
    "node_modules/allroads": { resolved: "src", link: true },
    ...packages,
  },
});
const a = { version: "1.0.0", integrity: "x" };
const optional = { version: "2.0.0", integrity: "y", optional: true };
const lock = lockWith({ "node_modules/a": a, "node_modules/b": optional });

test("the installed packages match the lock file, with or without optional ones", () => {
  expect(matchesLock(lock, structuredClone(lock))).toBe(true);
  expect(matchesLock(lock, lockWith({ "node_modules/a": a }))).toBe(true);
});

test.each([
  ["missing", lockWith({ "node_modules/b": optional })],
  ["older", lockWith({ "node_modules/a": { ...a, version: "0.9.0" }, "node_modules/b": optional })],
  ["different", lockWith({ "node_modules/a": { ...a, integrity: "z" }, "node_modules/b": optional })],
  ["not in the lock file", lockWith({ ...lock.packages, "node_modules/c": { version: "1.0.0" } })],
])("a package that is %s is no match", (_what, installed) => {
  expect(matchesLock(lock, installed)).toBe(false);
});

test("a missing or unreadable installation is no match", () => {
  expect(matchesLock(lock, null)).toBe(false);
  expect(matchesLock(lock, {})).toBe(false);
});
