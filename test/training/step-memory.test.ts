import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parameterCount } from "../../src/models/gpt-neox.ts";
import { type PythiaSize, pythiaConfig, pythiaSizes } from "../../src/models/pythia.ts";
import { trainSft } from "../../src/training/sft.ts";
import { memoryProblem, stepMemory } from "../../src/training/step-memory.ts";
import { data, model, task, training } from "../laboratory.ts";

const root = path.resolve(import.meta.dirname, "../..");
let worker: string;

const folder = mkdtempSync(path.join(root, "src/dist/memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  // Beside the packages that it imports.
  worker = path.join(folder, "worker.mjs");
  const entryPoints = [path.join(import.meta.dirname, "step-memory-worker.ts")];
  await build({
    entryPoints,
    outfile: worker,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
});

/** The measured peak in bytes, without the weights on the host, and per parameter with them; undefined where it cannot be measured. */
async function measured(size: PythiaSize, sequences: number, tokens: number, savings: object) {
  const args = ["--no-warnings", "--expose-gc", worker, size, sequences, tokens, JSON.stringify(savings)].map(
    String,
  );
  // Memory that is freed goes back to the system at once, so that only what is in use counts.
  const env = {
    ...process.env,
    TF_ONEDNN_USE_SYSTEM_ALLOCATOR: "true",
    MALLOC_ARENA_MAX: "1",
    MALLOC_TRIM_THRESHOLD_: "0",
    MALLOC_MMAP_THRESHOLD_: "65536",
  };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  const { bytes, parameters, losses } = JSON.parse(stdout);
  expect(losses.at(-1)).toBeLessThan(losses[0]);
  return bytes === undefined
    ? undefined
    : { bytes: bytes - 4 * parameters, perParameter: bytes / parameters };
}

describe("the memory of a step", () => {
  test.each([
    ["14m", 8, 127, {}],
    ["14m", 16, 127, { vocabularyChunk: 4096, recompute: true }],
    ["70m", 2, 127, {}],
  ] as const)(
    "is what was computed, within a quarter (Pythia-%s, %i times %i tokens, %o)",
    { timeout: 60_000 },
    async (size, groups, completion, savings) => {
      const found = await measured(size, groups, completion, savings);
      const shape = { groups, prompt: 0, completions: 1, completion };
      const { peak } = stepMemory(pythiaConfig(size), "language", shape, savings);
      if (found === undefined) return;
      expect(found.bytes / peak).toBeGreaterThan(0.75);
      expect(found.bytes / peak).toBeLessThan(1.25);
      if (size === "70m") expect(found.perParameter).toBeLessThan(32);
    },
  );

  test("of Pythia-2.8b's full fine-tuning fits one card of 141 GB, also with an allocator's quarter", () => {
    const shape = { groups: 4, prompt: 512, completions: 2, completion: 53 };
    const { peak } = stepMemory(pythiaConfig("2.8b"), "language", shape, {
      recompute: true,
      vocabularyChunk: 8192,
    });
    expect(1.25 * peak).toBeLessThan(141e9);
    expect(peak).toBeGreaterThan(12 * parameterCount(pythiaConfig("2.8b")));
  });

  test("grows with the model, and each saving lowers it", () => {
    const shape = { groups: 8, prompt: 256, completions: 2, completion: 64 };
    const peaks = pythiaSizes.map((size) => stepMemory(pythiaConfig(size), "language", shape).peak);
    expect([...peaks].sort((a, b) => a - b)).toEqual(peaks);
    const config = pythiaConfig("410m");
    const plain = stepMemory(config, "language", shape).peak;
    for (const savings of [{ recompute: true }, { vocabularyChunk: 4096 }])
      expect(stepMemory(config, "language", shape, savings).peak).toBeLessThan(plain);
    expect(stepMemory(config, "language", { ...shape, groups: 2 }, {}, 4).peak).toBeLessThan(plain);
    const inParts = stepMemory(config, "language", shape, {}, 2).peak;
    expect(inParts - plain).toBe(4 * parameterCount(config));
  });
});

test("the parameters are those of the published models", () => {
  const millions = (size: PythiaSize) => Math.round(parameterCount(pythiaConfig(size)) / 1e6);
  expect(
    ["14m", "70m", "160m", "410m", "1b", "1.4b", "2.8b", "6.9b"].map((size) => millions(size as PythiaSize)),
  ).toEqual([14, 70, 162, 405, 1012, 1415, 2775, 6857]);
});

describe("a step that does not fit", () => {
  const policy = { config: pythiaConfig("410m"), head: "language" as const };
  const shape = { prompt: 511, completions: 2, completion: 53 };

  test("is refused with what would make it fit", () => {
    expect(memoryProblem(policy, shape, { batchSize: 64 }, 200e9)).toBeUndefined();
    expect(memoryProblem(policy, shape, { batchSize: 64 }, 40e9)).toMatch(
      /^A step of this training needs about \d+ GB, and the device has 40.0 GB: 4.86 GB for weights and moments, .* It fits with savings: \{.*recompute.*\}\.$/,
    );
    expect(memoryProblem(policy, shape, { batchSize: 64 }, 11e9)).toMatch(
      /It fits with microBatchSize: \d+ and savings: /,
    );
    expect(memoryProblem(policy, shape, { batchSize: 64 }, 4e9)).toMatch(
      /No setting makes it fit, since at least [\d.]+ GB are needed: use a smaller model or another device\.$/,
    );
  });

  test("is refused before training starts", async () => {
    const config = { ...model.config, num_hidden_layers: 2 };
    const huge = { ...training, lossOn: "all" as const, batchSize: 10 ** 12 };
    await expect(trainSft(task, { ...model, config }, data.demonstrations, huge)).rejects.toThrow(
      /^A step of this training needs about .* GB, and the device has/,
    );
  });
});
