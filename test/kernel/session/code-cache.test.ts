import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { requireWithCodeCache } from "../../../kernel/session/code-cache.ts";

let folder = "";
let cacheFolder = "";
beforeAll(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), "code-cache-"));
  cacheFolder = join(folder, "cache");
  mkdirSync(cacheFolder);
});
afterAll(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** Loads a package that exports a function `triple` with this body. */
function load(name: string, body: string): (value: number) => number {
  const packageFolder = join(folder, "node_modules", name);
  mkdirSync(packageFolder, { recursive: true });
  writeFileSync(join(packageFolder, "package.json"), JSON.stringify({ name, version: "1.2.3" }));
  writeFileSync(join(packageFolder, "index.js"), `exports.triple = (value) => ${body};`);
  const require = createRequire(join(folder, "main.cjs"));
  return (requireWithCodeCache(name, require, cacheFolder) as { triple(value: number): number }).triple;
}

test("the cache is written once, for the version of the package and of Node", () => {
  expect(load("first", "3 * value")(2)).toBe(6);
  expect(readdirSync(cacheFolder)).toEqual([]);
  vi.runAllTimers();
  expect(readdirSync(cacheFolder)).toEqual([`first-1.2.3-node-${process.version}`]);
  expect(load("first", "3 * value")(3)).toBe(9);
  expect(vi.getTimerCount()).toBe(0);
});

test("a cache that V8 rejects is replaced", () => {
  const cacheFile = join(cacheFolder, `second-1.2.3-node-${process.version}`);
  writeFileSync(cacheFile, "nonsense");
  expect(load("second", "value + value + value")(4)).toBe(12);
  vi.runAllTimers();
  expect(readFileSync(cacheFile).length).toBeGreaterThan(100);
});
