import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { isInstalled, repositoryRoot, runStore, userPath } from "../../src/files/repository.ts";
import { openStore } from "../../src/pipeline/store.ts";
import { temporaryFolder } from "../temporary.ts";

afterEach(() => vi.unstubAllEnvs());

const from = path.resolve(tmpdir(), "the user's folder");
const usual = path.join(repositoryRoot(), "runs");

describe("a path that the user named", () => {
  test("starts from the folder of the command, or else of this process", () => {
    vi.stubEnv("ALLROADS_FROM", from);
    expect(userPath("rows.jsonl")).toBe(path.join(from, "rows.jsonl"));
    expect(userPath("../rows.jsonl")).toBe(path.join(path.dirname(from), "rows.jsonl"));
    const absolute = path.resolve(tmpdir(), "rows.jsonl");
    expect(userPath(absolute)).toBe(absolute);
    for (const none of [undefined, ""]) {
      vi.stubEnv("ALLROADS_FROM", none);
      expect(userPath("rows.jsonl")).toBe(path.resolve("rows.jsonl"));
    }
  });
});

test("the module is installed in another project if it lies in a folder node_modules", () => {
  expect(isInstalled()).toBe(false);
  expect(isInstalled(path.join("/project", "node_modules", "allroads"))).toBe(true);
  expect(isInstalled(path.join("/project", "my_node_modules", "allroads"))).toBe(false);
});

describe("the run store", () => {
  test("is the folder that ALLROADS_RUNS names", () => {
    vi.stubEnv("ALLROADS_FROM", from);
    vi.stubEnv("ALLROADS_RUNS", "my runs");
    expect(runStore()).toBe(path.join(from, "my runs"));
  });

  test.each([undefined, ""])("is the repository's runs folder if ALLROADS_RUNS is %o", (none) => {
    vi.stubEnv("ALLROADS_FROM", from);
    vi.stubEnv("ALLROADS_RUNS", none);
    expect(runStore()).toBe(usual);
  });

  test("is named in the error if it cannot be written", () => {
    const file = path.join(temporaryFolder("runs"), "a file");
    writeFileSync(file, "");
    const store = path.join(file, "runs");
    vi.stubEnv("ALLROADS_RUNS", store);
    expect(() => openStore(runStore())).toThrow(
      /^The run store .* cannot be written \(.*\): set ALLROADS_RUNS to a writable folder\.$/,
    );
    expect(() => openStore(runStore())).toThrow(store);
  });
});
