import { describe, expect, test } from "vitest";
import { paddedShape, pairGroups } from "../../src/models/batch.ts";
import { tf } from "../../src/tensors/backend.ts";
import { onPolicyKl } from "../../src/training/on-policy-kl.ts";
import { type PreferenceOptions, trainPreference } from "../../src/training/preference.ts";
import { trainRewardModel } from "../../src/training/reward-model.ts";
import { trainSft } from "../../src/training/sft.ts";
import { type SharedTrainer, sharedTrainer } from "../../src/training/shared-trainer.ts";
import { data, model, task, training } from "../laboratory.ts";
import { pairs, preference } from "./examples.ts";

const shape = paddedShape(pairGroups(task, pairs));
const rounds = [pairs.slice(0, 16), pairs.slice(16, 32), pairs.slice(24, 40)];

/** Trains on each round's pairs in turn, each round from the policy of the one before. */
async function trainRounds(options: Partial<PreferenceOptions>, trainerOf: (round: number) => SharedTrainer) {
  let policy = model;
  const metrics = [];
  for (const [round, examples] of rounds.entries()) {
    const trainer = trainerOf(round);
    const settings = { ...preference, ...options, seed: round };
    const result = await trainPreference(task, policy, examples, settings, { trainer });
    policy = result.model;
    metrics.push(...result.metrics);
  }
  return { weights: policy.weights, metrics };
}

describe("a shared trainer", () => {
  test.each<[string, () => { options: Partial<PreferenceOptions>; dispose?: () => void }]>([
    ["DPO from each round's start", () => ({ options: {} })],
    ["DPO with a fixed reference", () => ({ options: { reference: model } })],
    [
      "a KL from a fixed reference",
      () => {
        const regularizer = onPolicyKl(task, model, { weight: 0.1, completions: 2 });
        return { options: { reference: model, regularizer }, dispose: () => regularizer.dispose() };
      },
    ],
  ])("compiles one graph for several rounds and gives the same bits: %s", async (_, open) => {
    const before = tf.memory().numTensors;
    const { options, dispose } = open();
    const shared = sharedTrainer(shape);
    const reused = await trainRounds(options, () => shared);
    expect(shared.graphs).toBe(1);
    const own = rounds.map(() => sharedTrainer(shape));
    const separate = await trainRounds(options, (round) => own[round]!);
    expect(reused.weights).toEqual(separate.weights);
    expect(reused.metrics).toEqual(separate.metrics);
    for (const trainer of [shared, ...own]) trainer.dispose();
    dispose?.();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("gives the bits of training without it if the examples need its shape", async () => {
    const shared = sharedTrainer(shape);
    const hooks = { trainer: shared };
    for (const seed of [1, 2]) {
      const options = { ...preference, seed };
      const found = await trainPreference(task, model, pairs, options, hooks);
      const expected = await trainPreference(task, model, pairs, options);
      expect(found.model.weights).toEqual(expected.model.weights);
      expect(found.metrics).toEqual(expected.metrics);
    }
    shared.dispose();
  });

  test("serves supervised fine-tuning and reward models as well", async () => {
    const groups = data.demonstrations.map(({ prompt, completion }) => ({
      prompt: prompt.tokens,
      completions: [completion],
    }));
    const [sft, reward] = [sharedTrainer(paddedShape(groups)), sharedTrainer(shape)];
    for (const seed of [1, 2]) {
      const options = { ...training, seed, lossOn: "completion" } as const;
      await trainSft(task, model, data.demonstrations, options, { trainer: sft });
      await trainRewardModel(task, model, pairs, { ...training, seed }, { trainer: reward });
    }
    expect([sft.graphs, reward.graphs]).toEqual([1, 1]);
    sft.dispose();
    reward.dispose();
  });

  test("runs eagerly without a graph", async () => {
    const trainer = sharedTrainer(shape);
    await trainPreference(task, model, pairs, preference, { trainer, compiled: false });
    expect(trainer.graphs).toBe(0);
    trainer.dispose();
  });

  test("refuses examples that do not fit its shape, and another loss or optimizer", async () => {
    const short = sharedTrainer({ ...shape, completion: shape.completion - 1 });
    const unpadded = sharedTrainer({ ...shape, prompt: shape.prompt + 1, padded: false });
    for (const trainer of [short, unpadded]) {
      const refused = trainPreference(task, model, pairs, preference, { trainer });
      await expect(refused).rejects.toThrow(
        /The shared trainer's shape is .*: open it with a shape that holds all/,
      );
    }
    const trainer = sharedTrainer(shape);
    await trainPreference(task, model, pairs, preference, { trainer });
    for (const change of [{ loss: "ipo" as const }, { beta: 1 }, { weightDecay: 0.1 }]) {
      const refused = trainPreference(task, model, pairs, { ...preference, ...change }, { trainer });
      await expect(refused).rejects.toThrow("The shared trainer was opened for another");
    }
    trainer.dispose();
  });
});
