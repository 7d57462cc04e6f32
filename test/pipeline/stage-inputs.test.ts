import { expect, test, vi } from "vitest";
import * as sampling from "../../src/models/sampling.ts";
import { drawAtTemperatures, drawSamples } from "../../src/pipeline/stage-inputs.ts";
import { data, model, task } from "../laboratory.ts";

const sample = vi.spyOn(sampling, "sample").mockResolvedValue([]);
const atTemperatures = vi.spyOn(sampling, "sampleAtTemperatures").mockResolvedValue([]);
const prompts = Array.from({ length: 250 }, () => data.prompts[0]!);
const inputs = { task, hooks: {} };

test.each([
  [10, true],
  [9, false],
])(
  "whether XLA compiles the sampler follows from the number of sequences (%d per prompt)",
  async (completions, jit) => {
    await drawSamples(inputs, model, prompts, { purpose: "test", completions, temperature: 1, seed: 1 });
    expect(sample.mock.lastCall?.[2]).toMatchObject({ completions, jit });
    const temperatures = Array.from({ length: completions }, () => 1);
    await drawAtTemperatures(inputs, model, prompts, temperatures, { purpose: "test", seed: 1 });
    expect(atTemperatures.mock.lastCall?.[3]).toMatchObject({ jit });
  },
);
