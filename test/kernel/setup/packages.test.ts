import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { matchesLock } from "../../../kernel/setup/packages.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";

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

test("every package that set-up installs has a SHA-512 in the lock file or is a folder of this repository", () => {
  const { packages } = JSON.parse(readFileSync(paths.lockFile, "utf8"));
  const unchecked = Object.entries<{ link?: boolean; integrity?: string }>(packages)
    .filter(([folder, { link }]) => folder.includes("node_modules/") && !link)
    .filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ""));
  expect(unchecked).toEqual([]);
});

test("packages run no scripts of their own when they are installed", () => {
  expect(readFileSync(path.join(paths.root, ".npmrc"), "utf8")).toMatch(/^ignore-scripts=true$/m);
});

test("packages with known flaws that danfojs-node asks for are not installed", () => {
  const { packages } = JSON.parse(readFileSync(paths.lockFile, "utf8"));
  expect(packages["node_modules/request"]).toEqual({ resolved: "src/report/danfo/request", link: true });
  expect(packages["node_modules/xlsx"]).toEqual({ resolved: "src/report/danfo/xlsx", link: true });
  const versions = (name: string) =>
    Object.entries<{ version: string }>(packages)
      .filter(([folder]) => folder.endsWith(`node_modules/${name}`))
      .map(([, { version }]) => version);
  expect(versions("tough-cookie")).toEqual([]);
  for (const version of versions("form-data")) expect(Number.parseInt(version, 10)).toBeGreaterThanOrEqual(4);
});
