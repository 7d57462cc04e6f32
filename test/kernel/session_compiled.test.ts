import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { requireCompiled } from "../../kernel/session/code-cache.ts";

const folder = mkdtempSync(join(tmpdir(), "compiled-"));
const kept = join(folder, "kept");
mkdirSync(kept);

/** A package that triples, as loaded from `kept`. */
function load(name: string, body: string): (value: number) => number {
  const own = join(folder, "node_modules", name);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, "package.json"), JSON.stringify({ name, version: "1.2.3" }));
  writeFileSync(join(own, "index.js"), `exports.triple = (value) => ${body};`);
  const from = createRequire(join(folder, "from.cjs"));
  return (requireCompiled(name, from, kept) as { triple(value: number): number }).triple;
}

beforeAll(() => void vi.useFakeTimers());
afterAll(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

test("what was compiled is kept once, for this version of the package and of Node", () => {
  expect(load("first", "3 * value")(2)).toBe(6);
  expect(readdirSync(kept)).toEqual([]);
  vi.runAllTimers();
  expect(readdirSync(kept)).toEqual([`first-1.2.3-node-${process.version}`]);
  expect(load("first", "3 * value")(3)).toBe(9);
  expect(vi.getTimerCount()).toBe(0);
});

test("what the engine does not take is made anew", () => {
  const code = join(kept, `second-1.2.3-node-${process.version}`);
  writeFileSync(code, "nonsense");
  expect(load("second", "value + value + value")(4)).toBe(12);
  vi.runAllTimers();
  expect(readFileSync(code).length).toBeGreaterThan(100);
});
