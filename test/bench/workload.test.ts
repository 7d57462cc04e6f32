import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { decisions } from "../../src/models/batch.ts";
import { loadPolicy } from "../../src/models/checkpoint.ts";
import { readSafetensors } from "../../src/models/safetensors.ts";
import { workload, writeWorkload } from "./allroads/data.ts";
import { samplingRunner } from "./allroads/sampling.ts";
import { BATCHES } from "./allroads/sizes.ts";
import { trainingRunner } from "./allroads/training.ts";

const load = workload("lab");
const folder = mkdtempSync(path.join(tmpdir(), "allroads bench "));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the workload written for PyTorch", () => {
  writeWorkload(folder, load);
  const { tensors } = readSafetensors(path.join(folder, "data.safetensors"));
  const { batchSize } = load.size.dpo;

  const tensorNamed = (name: string) => {
    const tensor = tensors[name];
    if (!tensor) throw new Error(`There is no tensor ${name}.`);
    return tensor;
  };

  /** One row of a tensor [BATCHES, 2 · batchSize, width]. */
  const rowOf = (name: string, batch: number, row: number) => {
    const data = Array.from(tensorNamed(name).data as Float32Array);
    const width = data.length / (BATCHES * 2 * batchSize);
    const start = (batch * 2 * batchSize + row) * width;
    return data.slice(start, start + width);
  };

  test("has the same model", () => {
    expect(loadPolicy(folder)).toEqual(load.model);
  });

  test("has the same pairs: in each batch all chosen completions, then all rejected ones", () => {
    const longest = rowOf("dpo/mask", 0, 0).length;
    expect(tensorNamed("dpo/mask").shape).toEqual([BATCHES, 2 * batchSize, longest]);
    expect(tensorNamed("dpo/tokens").shape).toEqual([BATCHES, 2 * batchSize, 21 + longest]);
    for (const [batch, row, which] of [
      [0, 0, 0],
      [1, 3, 0],
      [2, batchSize - 1, 1],
      [BATCHES - 1, 0, 1],
    ] as const) {
      const index = batch * batchSize + row;
      const group = load.dpo[index];
      const completion = group?.completions[which];
      if (!group || !completion) throw new Error(`There is no completion ${which} of the group ${index}.`);
      const { prompt, forcedNext } = group;
      const padding = Array.from({ length: longest - completion.length }, () => load.pad);
      const place = which * batchSize + row;
      expect(rowOf("dpo/tokens", batch, place)).toEqual([...prompt, ...completion, ...padding]);
      expect(rowOf("dpo/mask", batch, place)).toEqual([
        ...decisions(completion, forcedNext).map(Number),
        ...padding.map(() => 0),
      ]);
      const { shape, data } = tensorNamed("dpo/reference");
      expect(shape).toEqual([BATCHES, 2 * batchSize]);
      expect(data[batch * 2 * batchSize + place]).toBe(load.reference[2 * index + which]);
    }
  });

  test("has the same reference log-probabilities", () => {
    expect(workload("lab", folder)).toEqual(load);
  });

  test("has the settings of training and sampling", () => {
    const settings = JSON.parse(readFileSync(path.join(folder, "settings.json"), "utf8"));
    expect(settings).toMatchObject({
      beta: load.size.dpo.beta,
      optimizer: { weightDecay: 0.01, maxGradNorm: 1 },
      sampling: { sample: 12, generate: 25, tokens: 11 },
    });
  });
});

describe("the runners of Allroads", () => {
  test.each(["sft", "dpo"] as const)(
    "%s: the losses are the same eager and compiled, and fall on a repeated batch",
    async (work) => {
      const lossesOf = async (compiled: boolean) => {
        const runner = trainingRunner(work, load, compiled);
        try {
          return [...(await runner.run(2)), ...(await runner.run(3))];
        } finally {
          runner.dispose();
        }
      };
      const [eager, compiled] = await Promise.all([lossesOf(false), lossesOf(true)]);
      expect(compiled).toHaveLength(eager.length);
      for (const [step, loss] of eager.entries()) expect(compiled[step]).toBeCloseTo(loss, 5);
      expect(Number(eager.at(-1))).toBeLessThan(Number(eager[0]));
    },
  );

  test("sampling gives every completion the full length", async () => {
    const found = await samplingRunner("sample", load, "eager", 0).run(1);
    expect(found).toHaveLength(64 * 12 * 11);
    expect(found.slice(11, 22)).toEqual(found.slice(0, 11));
  });
});
