import { cpSync, existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, vi } from "vitest";
import { keyEnvConfig } from "../../src/experiments/settings.ts";
import type { PolicyStage } from "../../src/pipeline/stage.ts";
import { stageId } from "../../src/pipeline/stage.ts";
import { readResult, writeResult } from "../../src/pipeline/store.ts";
import { mainPlan } from "../main-comparison.ts";

/** What happens between two steps of a writer. */
const between = vi.hoisted(() => ({ renames: (_from: string) => {}, removed: [] as string[] }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    renameSync(from: string, to: string) {
      between.renames(from);
      fs.renameSync(from, to);
    },
    rmSync(name: string, options: object) {
      between.removed.push(name);
      fs.rmSync(name, options);
    },
  };
});

it("leaves what another process stored meanwhile in its place throughout, for others may be reading it", () => {
  const store = mkdtempSync(path.join(tmpdir(), "allroads store "));
  const stage = (mainPlan(keyEnvConfig("smoke"), 3).arms as Record<string, PolicyStage>).sft!;
  const folder = path.join(store, stageId(stage));
  between.renames = (from) => {
    if (!existsSync(folder)) cpSync(from, folder, { recursive: true });
  };
  const provenance = { device: "", tensorflow: "", node: "", seconds: 1, finished: "", code: "" };
  writeResult(store, stage, { metrics: [{ step: 1 }] }, provenance);
  expect(readResult(store, stage)?.metrics).toEqual([{ step: 1 }]);
  expect(between.removed).not.toContain(folder);
  expect(readdirSync(store)).toEqual([stageId(stage)]);
});
