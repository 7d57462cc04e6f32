import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { sample } from "../../src/models/sampling.ts";
import { isShard, openShards } from "../../src/pipeline/sample-shards.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { data, model, task } from "../laboratory.ts";
import { temporaryFolder } from "../temporary.ts";

const prompts = [...data.prompts, ...data.prompts].slice(0, 50);
const { eos, pad } = task.vocabulary;

/** Samples of the prompts, in batches of 7. Stops with an error after `batches`. */
async function drawn(folder: string, batches = Number.POSITIVE_INFINITY, name = "a") {
  let done = 0;
  let computed = 0;
  const shards = openShards(folder, "stage", name, 0);
  const add = (samples: readonly number[][][]) => {
    computed += samples.length;
    shards.add(samples);
  };
  const requests = prompts.map(({ tokens }, index) => ({
    prompt: tokens,
    stream: randomStream(1, "shards", index),
  }));
  const samples = await sample(model, requests, {
    ...{ completions: 3, temperature: 1, maxTokens: task.completionLength, eos, pad, sequencesAtOnce: 21 },
    shards: { done: shards.done, add },
    onProgress: () => {
      done += 1;
      if (done === batches) throw new Error("killed");
    },
  });
  return { samples, computed };
}

test("sampling that was stopped continues after its shards, with the same samples", async () => {
  const whole = (await drawn(temporaryFolder("shards"))).samples;
  const folder = temporaryFolder("shards");
  for (const batches of [2, 1, 5]) await expect(drawn(folder, batches)).rejects.toThrow("killed");
  expect(readdirSync(folder).every(isShard)).toBe(true);
  const resumed = await drawn(folder);
  expect(resumed.samples).toEqual(whole);
  expect(resumed.computed).toBeLessThan(prompts.length - 4 * 7);
  expect((await drawn(folder)).computed).toBe(0);
  expect((await drawn(folder, Number.POSITIVE_INFINITY, "b")).computed).toBe(prompts.length);
});

test("what follows a damaged or missing shard is drawn again", async () => {
  const whole = (await drawn(temporaryFolder("shards"))).samples;
  for (const damage of ["flip", "cut", "remove"]) {
    const folder = temporaryFolder("shards");
    await drawn(folder);
    const file = path.join(folder, readdirSync(folder).sort()[2]!);
    const bytes = readFileSync(file);
    if (damage === "flip") bytes[bytes.length >> 1]! ^= 1;
    if (damage === "remove") rmSync(file);
    else writeFileSync(file, damage === "cut" ? bytes.subarray(0, bytes.length - 9) : bytes);
    const { samples, computed } = await drawn(folder);
    expect(samples).toEqual(whole);
    expect(computed).toBe(prompts.length - 2 * 7);
  }
});

test("nothing is written before a minute of sampling", () => {
  const folder = temporaryFolder("shards");
  openShards(folder, "stage", "a").add([[[1]]]);
  expect(readdirSync(folder)).toEqual([]);
});
