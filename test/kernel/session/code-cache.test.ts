import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { requireWithCodeCache } from "../../../kernel/session/code-cache.ts";
import { cacheFolder } from "../../../kernel/session/private-folder.ts";
import { giveToOtherUser, otherUserProblem } from "../other-user.ts";

let folder = "";
/** The parent of the cache folder. */
let base = "";
beforeAll(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), "code-cache-"));
  base = join(folder, "base");
});
afterAll(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const openCache = () => cacheFolder(() => {}, { XDG_CACHE_HOME: base }, join(folder, "missing"));
const fileOf = (name: string, of = join(base, "allroads-kernel")) =>
  join(of, `${name}-1.2.3-node-${process.version}`);

const textOf = (body: string) => `exports.triple = (value) => ${body};`;

/** Loads a package that exports a function `triple` with this body. */
function load(name: string, body: string): (value: number) => number {
  const packageFolder = join(folder, "node_modules", name);
  mkdirSync(packageFolder, { recursive: true });
  writeFileSync(join(packageFolder, "package.json"), JSON.stringify({ name, version: "1.2.3" }));
  writeFileSync(join(packageFolder, "index.js"), textOf(body));
  const require = createRequire(join(folder, "main.cjs"));
  return (requireWithCodeCache(name, require, openCache()) as { triple(value: number): number }).triple;
}

test("the cache is written once, for the version of the package and of Node", () => {
  expect(load("first", "3 * value")(2)).toBe(6);
  expect(readdirSync(join(base, "allroads-kernel"))).toEqual([]);
  vi.runAllTimers();
  expect(readdirSync(join(base, "allroads-kernel"))).toEqual([`first-1.2.3-node-${process.version}`]);
  expect(load("first", "3 * value")(3)).toBe(9);
  expect(vi.getTimerCount()).toBe(0);
});

test("a cache that V8 rejects is replaced", () => {
  writeFileSync(fileOf("second"), "nonsense");
  expect(load("second", "value + value + value")(4)).toBe(12);
  vi.runAllTimers();
  expect(readFileSync(fileOf("second")).length).toBeGreaterThan(100);
});

test("a cache with any bit changed, or of another source of the same length, is replaced", () => {
  expect(load("third", "3 * value")(2)).toBe(6);
  vi.runAllTimers();
  const sound = readFileSync(fileOf("third"));
  for (const position of [0, 4, 8, 20, sound.length >> 1, sound.length - 1]) {
    const damaged = Buffer.from(sound);
    damaged[position]! ^= 4;
    writeFileSync(fileOf("third"), damaged, { mode: 0o600 });
    expect(load("third", "3 * value")(2)).toBe(6);
    vi.runAllTimers();
    expect(readFileSync(fileOf("third")).equals(damaged)).toBe(false);
  }
  // V8 compares only the lengths of sources.
  expect(load("third", "5 * value")(2)).toBe(10);
  vi.runAllTimers();
});

describe("a forged cache", () => {
  const own = () => join(base, "allroads-kernel");
  const theirs = () => join(folder, "theirs");
  /** The factor of the next package. V8 does not read the cache of a source that it has compiled before. */
  let factor = 1;

  /** Forges the cache of a package that multiplies by `factor`: with it the package multiplies by 9. */
  const forge = () => {
    rmSync(base, { recursive: true, force: true });
    rmSync(theirs(), { recursive: true, force: true });
    factor += 1;
    load("forged", "9 * value")(1);
    vi.runAllTimers();
    const bytes = readFileSync(fileOf("forged"));
    bytes.writeUInt32LE(crc32(textOf(`${factor} * value`)), 0);
    writeFileSync(fileOf("forged"), bytes);
  };
  const loadForged = () => {
    const value = load("forged", `${factor} * value`)(1);
    vi.clearAllTimers();
    return value;
  };
  /** Moves a file or folder away and puts a link to it in its place. */
  const replaceByLink = (file: string) => {
    renameSync(file, theirs());
    symlinkSync(theirs(), file);
  };

  test("would run", () => {
    forge();
    expect(loadForged()).toBe(9);
  });

  test.each<[string, () => void]>([
    ["behind a link in place of the folder", () => replaceByLink(own())],
    ["behind a link in place of the file", () => replaceByLink(fileOf("forged"))],
    ["in a folder that others can write to", () => chmodSync(own(), 0o777)],
    ["in a folder that others can replace", () => chmodSync(base, 0o777)],
    ["in a file that others can write to", () => chmodSync(fileOf("forged"), 0o666)],
  ])("does not run %s", (_, plant) => {
    forge();
    plant();
    expect(loadForged()).toBe(factor);
  });

  for (const what of ["folder", "file"])
    test(`does not run if its ${what} belongs to another user`, ({ skip }) => {
      skip(otherUserProblem !== undefined, otherUserProblem);
      forge();
      giveToOtherUser(what === "folder" ? own() : fileOf("forged"));
      expect(loadForged()).toBe(factor);
    });
});
