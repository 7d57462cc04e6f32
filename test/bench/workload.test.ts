import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadPolicy } from "../../src/models/checkpoint.ts";
import { readSafetensors } from "../../src/models/safetensors.ts";
import { decisions } from "../../src/tasks/task.ts";
import { workload, writeWorkload } from "./allroads/data.ts";
import { samplers, samplingRunner } from "./allroads/sampling.ts";
import { BATCHES } from "./allroads/sizes.ts";
import { trainingRunner } from "./allroads/training.ts";

const load = workload("lab");
const folder = mkdtempSync(path.join(tmpdir(), "allroads bench "));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the workload written for PyTorch", () => {
  writeWorkload(folder, load);
  const { tensors } = readSafetensors(path.join(folder, "data.safetensors"));
  const { batchSize } = load.size.dpo;

  /** One row of a tensor [batches, rows, numbers]. */
  const rowOf = (name: string, batch: number, row: number) => {
    const { shape, data } = tensors[name]!;
    const width = shape[2]!;
    const start = (batch * shape[1]! + row) * width;
    return Array.from(data as Float32Array).slice(start, start + width);
  };

  test("has the same model", () => {
    expect(loadPolicy(folder)).toEqual(load.model);
  });

  test("has the same pairs: in each batch all chosen completions, then all rejected ones", () => {
    const longest = tensors["dpo/mask"]!.shape[2]!;
    expect(tensors["dpo/tokens"]!.shape).toEqual([BATCHES, 2 * batchSize, 21 + longest]);
    for (const [batch, row, which] of [
      [0, 0, 0],
      [1, 3, 0],
      [2, batchSize - 1, 1],
      [BATCHES - 1, 0, 1],
    ] as const) {
      const index = batch * batchSize + row;
      const { prompt, completions, copies } = load.dpo[index]!;
      const completion = completions[which]!;
      const padding = Array.from({ length: longest - completion.length }, () => load.pad);
      const place = which * batchSize + row;
      expect(rowOf("dpo/tokens", batch, place)).toEqual([...prompt, ...completion, ...padding]);
      expect(rowOf("dpo/mask", batch, place)).toEqual([
        ...decisions(completion, copies).map(Number),
        ...padding.map(() => 0),
      ]);
      const { shape, data } = tensors["dpo/reference"]!;
      expect(shape).toEqual([BATCHES, 2 * batchSize]);
      expect(data[batch * 2 * batchSize + place]).toBe(load.reference[2 * index + which]);
    }
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
      const losses = await Promise.all(
        [false, true].map(async (compiled) => {
          const runner = trainingRunner(work, load, compiled);
          try {
            return [...(await runner.run(2)), ...(await runner.run(3))];
          } finally {
            runner.dispose();
          }
        }),
      );
      for (const [step, loss] of losses[0]!.entries()) expect(losses[1]![step]).toBeCloseTo(loss, 5);
      expect(losses[0]![4]).toBeLessThan(losses[0]![0]!);
    },
  );

  test("sampling gives every completion the full length", async () => {
    const found = await samplingRunner("sample", load, Object.keys(samplers)[0]!, 0).run(1);
    expect(found).toHaveLength(64 * 12 * 11);
    expect(found.slice(11, 22)).toEqual(found.slice(0, 11));
  });
});
