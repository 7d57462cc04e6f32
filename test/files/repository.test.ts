import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import { repositoryRoot, runStore, userPath } from "../../src/files/repository.ts";
import type { Pool } from "../../src/pipeline/pool.ts";
import { runStage } from "../../src/pipeline/run-stage.ts";
import { mainPlan, runMain } from "../main-comparison.ts";

afterEach(() => vi.unstubAllEnvs());

const from = path.resolve(tmpdir(), "where the user is");
const usual = path.join(repositoryRoot(), "runs");

describe("a path that the user named", () => {
  it("starts where the command was given, or else where this process is", () => {
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

describe("the run store", () => {
  it("is the folder that ALLROADS_RUNS names, from where the user is", () => {
    vi.stubEnv("ALLROADS_FROM", from);
    vi.stubEnv("ALLROADS_RUNS", "my runs");
    expect(runStore()).toBe(path.join(from, "my runs"));
  });

  it.each([undefined, ""])("is the repository's own where ALLROADS_RUNS is %o", (none) => {
    vi.stubEnv("ALLROADS_FROM", from);
    vi.stubEnv("ALLROADS_RUNS", none);
    expect(runStore()).toBe(usual);
  });

  it("ends a run in one sentence that names it where it cannot be made, before anything is computed", async () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), "allroads runs ")), "a file");
    writeFileSync(file, "");
    const store = path.join(file, "runs");
    const config = keyEnvConfig("smoke");
    const run = vi.fn<Pool["run"]>();
    const failures = [
      runMain(config, [3], store, { size: 1, run, close() {} }),
      runStage(store, mainPlan(config, 3).arms.sft!),
    ];
    for (const failed of failures) {
      const { message } = await failed.then(
        () => new Error("nothing was thrown"),
        (error: Error) => error,
      );
      expect(message.startsWith(`The run store ${store} cannot be written (`)).toBe(true);
      expect(message).toMatch(/\): set ALLROADS_RUNS to a folder that can be\.$/);
      expect(message).not.toContain("\n");
    }
    expect(run).not.toHaveBeenCalled();
  });
});
