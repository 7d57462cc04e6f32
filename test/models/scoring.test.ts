import { afterEach, describe, expect, test } from "vitest";
import { initialModel, rewardModelFrom } from "../../src/models/initialization.ts";
import { lastToken } from "../../src/models/reward-head.ts";
import { dpoScorer, globalScorer, policyLogps } from "../../src/models/scorers.ts";
import { onModel } from "../../src/models/scoring.ts";
import { tf } from "../../src/tensors/backend.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { sharpened } from "../by-hand.ts";
import { data, model, task } from "../laboratory.ts";

const policy = sharpened(model, 10);
const reward = rewardModelFrom(policy, randomStream(1, "head"));
const other = rewardModelFrom(sharpened(model, 2), randomStream(2, "head"));
/** Enough completions of each prompt to fill nine batches, and one more that is not full. */
const samples = data.demonstrations.slice(0, 29).flatMap(({ prompt }) =>
  Array.from({ length: 170 }, (_, index) => ({
    prompt,
    completion: data.demonstrations[index % 64]!.completion.slice(0, 1 + (index % 11)),
  })),
);

function expectSame(compiled: ArrayLike<number>, eager: ArrayLike<number>) {
  expect(compiled).toHaveLength(samples.length);
  const errors = Array.from(compiled, (value, index) => Math.abs(value - eager[index]!));
  const largest = Array.from(eager, Math.abs).reduce((most, value) => Math.max(most, value), 0);
  expect(errors.reduce((most, error) => Math.max(most, error), 0) / largest).toBeLessThan(1e-5);
}

describe("scores of many samples", () => {
  afterEach(() => {
    delete process.env.ALLROADS_EAGER;
  });

  test("are the same compiled and eager, whichever model was scored before", () => {
    for (const one of [reward, other, reward]) {
      const eager = globalScorer(task, one, lastToken, false)(samples);
      expectSame(globalScorer(task, one)(samples), eager);
      expect(new Set(eager).size).toBeGreaterThan(1000);
    }
    for (const temperature of [1, 0.5]) {
      const scores = (compiled?: boolean) => policyLogps(task, policy, samples, "all", temperature, compiled);
      expectSame(scores(), scores(false));
    }
  });

  test("do not depend on which samples they are scored with", () => {
    const [all, few] = [
      policyLogps(task, policy, samples),
      policyLogps(task, policy, samples.slice(300, 500)),
    ];
    for (const [index, value] of few.entries()) expect(value).toBeCloseTo(all[300 + index]!, 3);
  });

  test("run operation by operation where ALLROADS_EAGER is set, and leave no tensor behind", () => {
    const compiled = dpoScorer(task, policy, model, 0.5)(samples);
    const before = tf.memory().numTensors;
    process.env.ALLROADS_EAGER = "1";
    const eager = dpoScorer(task, policy, model, 0.5)(samples);
    expect(tf.memory().numTensors).toBe(before);
    expectSame(compiled, eager);
    expect(Array.from(compiled)).not.toEqual(Array.from(eager));
    delete process.env.ALLROADS_EAGER;
    expect(dpoScorer(task, policy, model, 0.5)(samples)).toEqual(compiled);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("a function of a model", () => {
  const of = (seed: number, hidden = 16) =>
    initialModel({ ...model.config, hidden_size: hidden }, randomStream(seed, "weights"));
  const embeddings = onModel("embeddings", (net, factor: tf.Tensor) =>
    tf.mul(tf.sum(net.parameters["gpt_neox.embed_in.weight"]!), factor),
  );
  const numbers = (one: typeof model, compiled: boolean) =>
    tf.tidy(() => [1, 2].map((factor) => embeddings(one, tf.scalar(factor), compiled).dataSync()[0]!));

  test("sees each model's own weights, compiled and eager, whichever came before", () => {
    const models = [of(1), of(2), of(3, 8), of(1), of(2)];
    const compiled = models.map((one) => numbers(one, true));
    for (const [index, one] of models.entries()) {
      const eager = numbers(one, false);
      for (const [place, value] of eager.entries()) expect(compiled[index]![place]).toBeCloseTo(value, 4);
    }
    expect(new Set(compiled.map(String)).size).toBe(3);
  });

  test("stays compiled for the last four model shapes and frees the others", () => {
    const shapes = [8, 16, 24, 32, 40, 48];
    for (const hidden of shapes) numbers(of(1, hidden), true);
    const before = tf.memory().numTensors;
    for (const hidden of shapes) numbers(of(2, hidden), true);
    expect(tf.memory().numTensors).toBe(before);
  });
});
