import { describe, expect, test } from "vitest";
import type { MemorySavings } from "../../src/models/decoder.ts";
import { initialModel } from "../../src/models/initialization.ts";
import { unflatten } from "../../src/models/named-weights.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { trainPreference } from "../../src/training/preference.ts";
import { trainRewardModel } from "../../src/training/reward-model.ts";
import { trainSft } from "../../src/training/sft.ts";
import type { MetricsRow } from "../../src/training/trainer.ts";
import { data, model, task, training } from "../laboratory.ts";
import { expectSameWeights, pairs, preference, trainWithKl } from "./examples.ts";

const short = { epochs: (3 * training.batchSize) / pairs.length };
/** Demonstrations whose completions have from one to all of their tokens. */
const unequal = data.demonstrations.map(({ prompt, completion }, index) => ({
  prompt,
  completion: completion.slice(0, 1 + (index % completion.length)),
}));

/**
 * Losses and norms of gradients within `tolerance` and other metrics within 1e-3, relative to the largest of its column.
 * Not accuracies: before the first step all rewards are 0 but for rounding.
 */
function expectSameRows(actual: readonly MetricsRow[], expected: readonly MetricsRow[], tolerance = 1e-6) {
  expect(actual).toHaveLength(expected.length);
  for (const name of Object.keys(expected[0]!).filter((each) => each !== "rewards/accuracies")) {
    const largest = Math.max(1e-3, ...expected.map((row) => Math.abs(row[name]!)));
    for (const [index, row] of expected.entries())
      expect(Math.abs(actual[index]![name]! - row[name]!) / largest, name).toBeLessThan(
        ["loss", "grad_norm"].includes(name) ? tolerance : 1e-3,
      );
  }
}

const savings: Record<string, MemorySavings> = {
  "activations computed again": { recompute: true },
  "logits of 7 ids at a time": { vocabularyChunk: 7 },
  "updates of single tensors": { updateChunk: 1 },
  "all of these": { recompute: true, vocabularyChunk: 16, updateChunk: 5000 },
};

describe.each(Object.entries(savings))("training with %s", (_, saving) => {
  test.each([true, false])("takes the same steps of SFT (compiled %s)", async (compiled) => {
    const options = { ...training, ...short, lossOn: "all" as const };
    const plain = await trainSft(task, model, unequal, options, { compiled });
    const saved = await trainSft(task, model, unequal, { ...options, savings: saving }, { compiled });
    expectSameRows(saved.metrics, plain.metrics, 1e-5);
    expectSameWeights(saved.model.weights, plain.model.weights);
  });

  test("takes the same steps of DPO at a temperature", async () => {
    const options = { ...preference, ...short, temperature: 0.7 };
    const plain = await trainPreference(task, model, pairs, options);
    const saved = await trainPreference(task, model, pairs, { ...options, savings: saving });
    expectSameRows(saved.metrics, plain.metrics, 1e-5);
  });
});

test("activations are computed again in layers that run one after another and share the unembedding", async () => {
  const config = {
    ...model.config,
    use_parallel_residual: false,
    tie_word_embeddings: true,
    attention_bias: false,
  };
  const other = initialModel(config, randomStream(3, "tied"));
  const options = { ...training, ...short, lossOn: "completion" as const };
  const plain = await trainSft(task, other, unequal, options);
  const saved = await trainSft(task, other, unequal, {
    ...options,
    savings: { recompute: true, vocabularyChunk: 16 },
  });
  expectSameRows(saved.metrics, plain.metrics, 1e-5);
});

describe("a step in parts", () => {
  const microBatchSize = training.batchSize / 4;

  test.each([true, false])(
    "is the whole step for completions of unequal length (compiled %s)",
    async (compiled) => {
      const options = { ...training, ...short, lossOn: "completion" as const };
      const whole = await trainSft(task, model, unequal, options, { compiled });
      const parts = await trainSft(task, model, unequal, { ...options, microBatchSize }, { compiled });
      expectSameRows(parts.metrics, whole.metrics);
      expectSameWeights(parts.model.weights, whole.model.weights);
    },
  );

  test("is the whole step of DPO and of a reward model, metrics included", async () => {
    const dpo = (more: object) => trainPreference(task, model, pairs, { ...preference, ...short, ...more });
    expectSameRows((await dpo({ microBatchSize })).metrics, (await dpo({})).metrics);
    const reward = (more: object) => trainRewardModel(task, model, pairs, { ...training, ...short, ...more });
    expectSameRows((await reward({ microBatchSize })).metrics, (await reward({})).metrics);
  });

  test("draws samples of its own for each part", async () => {
    const kl = { weight: 0.1, completions: 2 };
    const { metrics } = await trainWithKl(kl, { ...short, microBatchSize });
    expect(new Set(metrics.map((row) => row.kl)).size).toBe(metrics.length);
    expect(metrics.every(({ loss }) => Number.isFinite(loss))).toBe(true);
  });

  test("is refused if the parts do not make up the batch", async () => {
    const run = (size: number) =>
      trainSft(task, model, unequal, { ...training, lossOn: "all", microBatchSize: size });
    for (const size of [training.batchSize - 1, 0, 0.5])
      await expect(run(size)).rejects.toThrow(
        `Training's microBatchSize must be a whole number that divides the batchSize of ${training.batchSize}, but is ${size}: change it.`,
      );
  });
});

test("a model in several vectors is trained as one in a single vector", async () => {
  const names = Object.entries(unflatten(model.config, model.weights));
  const border = names.slice(0, 5).reduce((sum, [, { length }]) => sum + length, 0);
  const divided = {
    ...model,
    weights: model.weights.slice(0, border),
    further: [model.weights.slice(border)],
  };
  const options = { ...training, ...short, lossOn: "all" as const };
  const whole = await trainSft(task, model, unequal, options);
  const parts = await trainSft(task, divided, unequal, options);
  expect(parts.metrics).toEqual(whole.metrics);
  expect(parts.model).toEqual(whole.model);
});
