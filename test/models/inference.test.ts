import { expect, it } from "vitest";
import { onNetwork } from "../../src/models/inference.ts";
import { initialModel } from "../../src/models/initialization.ts";
import { tf } from "../../src/tensors/backend.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { model } from "../laboratory.ts";

const of = (seed: number, hidden = 16) =>
  initialModel({ ...model.config, hidden_size: hidden }, randomStream(seed, "weights"));
const embeddings = onNetwork("embeddings", (net, factor: tf.Tensor) =>
  tf.mul(tf.sum(net.parameters["gpt_neox.embed_in.weight"]!), factor),
);
const numbers = (one: typeof model, compiled: boolean) =>
  tf.tidy(() => [1, 2].map((factor) => embeddings(one, tf.scalar(factor), compiled).dataSync()[0]!));

it("a function of a model sees each model's own weights, compiled and eager, whichever came before", () => {
  const models = [of(1), of(2), of(3, 8), of(1), of(2)];
  const compiled = models.map((one) => numbers(one, true));
  for (const [index, one] of models.entries()) {
    const eager = numbers(one, false);
    for (const [place, value] of eager.entries()) expect(compiled[index]![place]).toBeCloseTo(value, 4);
  }
  expect(new Set(compiled.map(String)).size).toBe(3);
});

it("keeps what it compiled for the last four shapes and frees the rest", () => {
  const shapes = [8, 16, 24, 32, 40, 48];
  for (const hidden of shapes) numbers(of(1, hidden), true);
  const before = tf.memory().numTensors;
  for (const hidden of shapes) numbers(of(2, hidden), true);
  expect(tf.memory().numTensors).toBe(before);
});
