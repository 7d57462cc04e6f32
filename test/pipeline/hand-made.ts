import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { initialModel, rewardModelFrom } from "../../src/models/initialization.ts";
import { runStage } from "../../src/pipeline/run-stage.ts";
import type { Output, PolicyStage, Stage } from "../../src/pipeline/stage.ts";
import { inputsOf } from "../../src/pipeline/stage-id.ts";
import { CHECKPOINT, openStore } from "../../src/pipeline/store.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { sharpened } from "../by-hand.ts";
import { model as fresh, task } from "../laboratory.ts";
import { tinyConfig } from "../tiny-config.ts";

/* A run store with an SFT policy and a reward model that were made by hand, so that tests train only what they test. */

export const config = {
  ...tinyConfig,
  sizes: { demonstrations: 16, pairs: 24, validation: 6, evaluation: 8 },
  model: fresh.config,
  preference: { ...tinyConfig.preference, batchSize: 4 },
};
export const lab = laboratory(config, 3);
export const data = task.data(3, config.sizes);
export const sft = sharpened(fresh, 8);
export const reward = rewardModelFrom(
  sharpened(initialModel(fresh.config, randomStream(8, "weights")), 8),
  randomStream(9, "head"),
);

const provenance = { device: "none", tensorflow: "0", node: "0", seconds: 0, finished: "", code: "" };

/**
 * A new store with both models, for all tests of a file. `compute` computes what a stage needs, and gives its result;
 * `interrupt` also computes what it needs, but stops it at half of its steps, with a checkpoint.
 */
export function handMadeStore() {
  const store = openStore(mkdtempSync(path.join(tmpdir(), "allroads hand-made ")));
  afterAll(() => rmSync(store.folder, { recursive: true, force: true, maxRetries: 3 }));
  store.write(lab.sft, { model: sft, metrics: [] }, provenance);
  store.write(lab.reward as unknown as PolicyStage, { model: reward, metrics: [] }, provenance);
  const compute = async <O extends Output>(stage: Stage<O>): Promise<O["result"]> => {
    if (!store.has(stage)) {
      for (const input of inputsOf(stage)) await compute(input);
      await runStage(store, stage);
    }
    return store.get(stage);
  };
  const interrupt = async (stage: Stage) => {
    for (const input of inputsOf(stage)) await compute(input);
    const stop = new AbortController();
    const onProgress = (fraction: number) => void (fraction >= 0.5 && stop.abort());
    await expect(runStage(store, stage, { signal: stop.signal, onProgress })).rejects.toThrow("was stopped");
    expect(existsSync(path.join(store.workFolder(stage), CHECKPOINT))).toBe(true);
  };
  return { store, compute, interrupt };
}
