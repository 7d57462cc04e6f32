import { describe, expect, test } from "vitest";
import { tf } from "../../src/tensors/backend.ts";
import { onPolicyKl } from "../../src/training/on-policy-kl.ts";
import { trainPreference } from "../../src/training/preference.ts";
import { model, task } from "../laboratory.ts";
import { expectSameWeights, pairs, preference, trainWithKl } from "./examples.ts";

describe("on-policy KL", () => {
  test("holds DPO to its reference and is logged", async () => {
    const held = (weight: number) =>
      trainWithKl({ weight, completions: 4 }, { epochs: 4, learningRate: 3e-3 });
    const [free, tight] = [await held(0), await held(10)];
    expect(free.metrics[0]!.kl).toBeCloseTo(0, 5);
    const last = ({ metrics }: typeof free) => metrics.at(-1)!.kl!;
    expect(last(free)).toBeGreaterThan(0.02);
    expect(last(tight)).toBeLessThan(last(free) / 4);
    const plain = await trainPreference(task, model, pairs, { ...preference, epochs: 4, learningRate: 3e-3 });
    expectSameWeights(free.model.weights, plain.model.weights);
  });

  test("frees the reference's weights", async () => {
    const before = tf.memory().numTensors;
    await trainWithKl({ weight: 1, completions: 1 });
    expect(tf.memory().numTensors).toBe(before);
  });

  test("refuses prompts that leave no space for a completion", async () => {
    const [first] = pairs;
    const tokens = Array<number>(model.config.max_position_embeddings - 2).fill(3);
    const regularizer = onPolicyKl(task, model, { weight: 1, completions: 1 });
    const long = { prompt: { ...first!.prompt, tokens }, chosen: [4], rejected: [5] };
    const refused = trainPreference(task, model, [long], { ...preference, regularizer });
    await expect(refused).rejects.toThrow(/Prompt 0 has \d+ tokens, but the model's context/);
    regularizer.dispose();
  });

  test.each([
    [{ weight: -1, completions: 1 }, /^Training's kl\.weight must be 0 or more, but is -1/],
    [{ weight: 1, completions: 0.5 }, /^Training's kl\.completions must be a whole number above 0/],
  ])("refuses options out of range: %o", (wrong, message) => {
    expect(() => onPolicyKl(task, model, wrong)).toThrow(message);
  });
});
