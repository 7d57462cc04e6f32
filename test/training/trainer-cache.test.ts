import { describe, expect, test, vi } from "vitest";
import { tf } from "../../src/tensors/backend.ts";
import * as compiler from "../../src/tensors/compile.ts";
import { dpoLoss, type PreferenceLoss } from "../../src/training/losses.ts";
import { type PreferenceOptions, trainPreference } from "../../src/training/preference.ts";
import type { TrainingHooks } from "../../src/training/train.ts";
import { type TrainerCache, trainerCache } from "../../src/training/trainer-cache.ts";
import { model, task } from "../laboratory.ts";
import { pairs, preference, trainWithKl } from "./examples.ts";

const compile = vi.spyOn(compiler, "compile");

/** The number of steps that are compiled while `work` runs. */
async function compiledBy(work: () => Promise<unknown>): Promise<number> {
  const before = compile.mock.calls.length;
  await work();
  return compile.mock.calls.slice(before).filter(([, options]) => options?.name === "The training step")
    .length;
}

const train = (trainer: TrainerCache, options: Partial<PreferenceOptions> = {}, hooks: TrainingHooks = {}) =>
  trainPreference(task, model, pairs, { ...preference, ...options }, { ...hooks, trainer });

/** A loss whose source text does not tell its factor. */
const scaled = (factor: number): PreferenceLoss => {
  return (rewards, options) => tf.mul(dpoLoss(rewards, options), factor);
};

describe("a trainer cache", () => {
  test("compiles once for equal settings and gives the bits of separate trainers", async () => {
    const before = tf.memory().numTensors;
    const cache = trainerCache();
    const kept: unknown[] = [];
    const count = await compiledBy(async () => {
      for (const seed of [1, 2]) kept.push(await train(cache, { seed, learningRate: seed / 1000 }));
    });
    expect(count).toBe(1);
    const separate: unknown[] = [];
    for (const seed of [1, 2]) {
      const own = trainerCache();
      separate.push(await train(own, { seed, learningRate: seed / 1000 }));
      own.dispose();
    }
    expect(kept).toEqual(separate);
    cache.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("compiles anew for another loss, even one of equal source text", async () => {
    const cache = trainerCache();
    const losses = [scaled(1), scaled(2)];
    const [one, two] = [await train(cache, { loss: losses[0] }), await train(cache, { loss: losses[1] })];
    expect(two.metrics[0]!.loss).toBeCloseTo(2 * one.metrics[0]!.loss!, 5);
    expect(await compiledBy(() => train(cache, { beta: 3 }))).toBe(1);
    expect(await compiledBy(() => train(cache, { loss: losses[0] }))).toBe(0);
    cache.dispose();
  });

  test("gives trainings that overlap a trainer each", async () => {
    const cache = trainerCache();
    const [alone] = [await train(cache)];
    const both = await Promise.all([train(cache), train(cache, { learningRate: 5e-3 })]);
    expect(both[0]).toEqual(alone);
    expect(both[1]!.model.weights).not.toEqual(alone.model.weights);
    cache.dispose();
  });

  test("keeps at most its capacity, and no step that reads a regularizer's weights", async () => {
    const before = tf.memory().numTensors;
    const cache = trainerCache(1);
    await train(cache);
    await train(cache, { beta: 2 });
    expect(await compiledBy(() => train(cache))).toBe(1);
    await trainWithKl({ weight: 1, completions: 1 }, {}, { trainer: cache });
    cache.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("can be used again after a training that failed", async () => {
    const cache = trainerCache();
    const stop = new AbortController();
    stop.abort();
    await expect(train(cache, {}, { signal: stop.signal })).rejects.toThrow("stopped");
    expect(await train(cache)).toEqual(await train(trainerCache()));
    cache.dispose();
  });
});
