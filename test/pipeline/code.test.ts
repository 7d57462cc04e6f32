import { cpSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as esbuild from "esbuild";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { RESULT_CODE } from "../../kernel/setup/build.mjs";
import { codeDigests } from "../../kernel/setup/sources.mjs";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { repositoryRoot } from "../../src/files/repository.ts";
import type { Stage } from "../../src/pipeline/stage.ts";
import { temporaryFolder } from "../temporary.ts";
import { tinyConfig } from "../tiny-config.ts";

type Digests = Record<string, string>;

/** The digests of a copy of the repository's code, without that of the whole library, which takes a second. */
function digestsOf(root: string): Promise<Digests> {
  const { library: _, ...parts } = RESULT_CODE;
  return codeDigests(root, parts, "src/package.json", esbuild);
}

let original: Digests;
beforeAll(async () => {
  original = await digestsOf(repositoryRoot());
});

/** The parts whose digest changes when `from` becomes `to` in a file. */
async function changedParts(file: string, from: string, to: string): Promise<string[]> {
  const root = temporaryFolder("code");
  for (const folder of ["src", "data/key-env"]) {
    const filter = (source: string) => path.basename(source) !== "dist";
    cpSync(path.join(repositoryRoot(), folder), path.join(root, folder), { recursive: true, filter });
  }
  const copy = path.join(root, file);
  const text = readFileSync(copy, "utf8");
  expect(text).toContain(from);
  writeFileSync(copy, text.replaceAll(from, to));
  const digests = await digestsOf(root);
  return Object.keys(digests).filter((part) => digests[part] !== original[part]);
}

/** An edit of every function with a variable. */
const EDIT = ["  const ", "  let "] as const;
const TRAINING = ["chosen-sft", "preference", "reward", "rloo", "sft"].map((name) => `kind ${name}`);
const SAMPLING = ["kind evaluation", "kind offline-pairs", "kind samples"];

describe("the digest of a stage's code", () => {
  test.each([
    ["src/training/optimizer.ts", "0.999", "0.99", TRAINING],
    ["src/pipeline/evaluation.ts", "0.35", "0.36", ["kind evaluation"]],
    ["src/models/quantised-delta.ts", ...EDIT, ["kind verification", "common"]],
    ["src/tasks/ring.ts", ...EDIT, ["task ring"]],
    ["data/key-env/words.json", '["', '["x', ["task key-env"]],
  ])("changes with %s where stages use it", async (file, from, to, parts) => {
    expect((await changedParts(file, from, to)).sort()).toEqual([...parts].sort());
  });

  test("changes for all that sample when sampling changes", async () => {
    const changed = await changedParts("src/models/sampling.ts", ...EDIT);
    expect(changed).toEqual(expect.arrayContaining(SAMPLING));
    expect(changed).not.toContain("kind reward");
    expect(changed.filter((part) => part.startsWith("task"))).toEqual([]);
  });

  test("changes for all that use tensors when the compiler of graphs changes", async () => {
    const changed = await changedParts("src/tensors/compile.ts", ...EDIT);
    expect(changed).toEqual(expect.arrayContaining([...TRAINING, ...SAMPLING, "kind logps"]));
  });

  test.each([
    ["src/report/chart.ts", ...EDIT],
    ["src/pipeline/store.ts", ...EDIT],
    ["src/pipeline/pool.ts", ...EDIT],
    ["src/experiments/settings.ts", "4e-3", "5e-3"],
    ["src/verdicts/judge.ts", ...EDIT],
    ["src/training/train.ts", "/** ", "/** Changed. "],
    [
      "src/training/train.ts",
      "readonly batchSize: number;",
      "readonly batchSize: number; readonly other?: string;",
    ],
  ])("does not change with %s where no stage uses it", async (file, from, to) => {
    expect(await changedParts(file, from, to)).toEqual([]);
  });
});

describe("ids", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  /** The ids of stages when these are the digests of the code. */
  async function idsWith(digests: Digests, stages: readonly Stage[]): Promise<string[]> {
    vi.stubGlobal("__CODE_DIGESTS__", digests);
    vi.resetModules();
    const { stageId } = await import("../../src/pipeline/stage-id.ts");
    return stages.map(stageId);
  }

  const lab = laboratory(tinyConfig, 3);
  const code = { module: "/code.ts", export: "loss", digest: "1" };
  const stages = [lab.sft, lab.dpo(1), lab.dpo(1, { loss: code }), lab.verification("gold")];

  test.each([
    ["kind sft", [true, true, true, true]],
    ["kind preference", [false, true, true, false]],
    ["kind verification", [false, false, false, true]],
    ["kind samples", [false, false, false, true]],
    ["kind logps", [false, true, true, false]],
    ["kind reward", [false, false, false, false]],
    ["task key-env", [true, true, true, true]],
    ["task ring", [false, false, false, false]],
    ["common", [true, true, true, true]],
    ["library", [false, false, true, false]],
  ])("change with the digest of %s for the stages that depend on it", async (part, expected) => {
    const before = await idsWith({ ...original, library: "0" }, stages);
    const after = await idsWith({ ...original, library: "0", [part]: "changed" }, stages);
    expect(before.map((id, index) => id !== after[index])).toEqual(expected);
  });
});
