import { describe, expect, test } from "vitest";
import { rewardModelFrom } from "../../src/models/initialization.ts";
import { unflatten } from "../../src/models/named-weights.ts";
import { completionPositions, lastToken, type RewardReadout } from "../../src/models/reward-head.ts";
import { globalScorer } from "../../src/models/scorers.ts";
import { tf } from "../../src/tensors/backend.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { trainRewardModel } from "../../src/training/reward-model.ts";
import { model, task, training } from "../laboratory.ts";
import { pairs } from "./examples.ts";

/** The mean of the completion tokens' hidden states. */
const meanOverCompletion: RewardReadout = (hidden, batch) => {
  const mask = completionPositions(batch).expandDims(2);
  const states = hidden.reshape([mask.shape[0]!, mask.shape[1]!, -1]);
  return tf.div(tf.sum(tf.mul(states, mask), 1), tf.sum(mask, 1)) as tf.Tensor2D;
};

const samples = pairs.slice(0, 6).flatMap(({ prompt, chosen, rejected }) => [
  { prompt, completion: chosen },
  { prompt, completion: rejected },
]);

describe("a reward model's readout", () => {
  test("is the last token's hidden state by default", async () => {
    const [byDefault, last] = [
      await trainRewardModel(task, model, pairs, training),
      await trainRewardModel(task, model, pairs, { ...training, readout: lastToken }),
    ];
    expect(last.model.weights).toEqual(byDefault.model.weights);
  });

  test("can be a function of all hidden states, in training and in scoring", async () => {
    const options = { ...training, epochs: 4, readout: meanOverCompletion };
    const { model: trained, metrics } = await trainRewardModel(task, model, pairs, options);
    expect(metrics.at(-1)?.loss).toBeLessThan(metrics[0]?.loss ?? 0);
    const scores = globalScorer(task, trained, meanOverCompletion)(samples);
    const eager = globalScorer(task, trained, meanOverCompletion, false)(samples);
    const byLast = globalScorer(task, trained)(samples);
    for (const [index, score] of Array.from(scores).entries()) {
      expect(score).toBeCloseTo(eager[index]!, 5);
    }
    expect(Array.from(scores)).not.toEqual(Array.from(byLast));
  });
});

describe("a reward model with a scale β", () => {
  test("is trained on rewards of that scale, which its scores have", async () => {
    const [plain, scaled] = [
      await trainRewardModel(task, model, pairs, { ...training, learningRate: 1e-12 }),
      await trainRewardModel(task, model, pairs, { ...training, learningRate: 1e-12, beta: 3 }),
    ];
    const [before, after] = [plain, scaled].map((one) => globalScorer(task, one.model)(samples));
    for (const [index, score] of Array.from(after!).entries())
      expect(score).toBeCloseTo(3 * before![index]!, 4);
    for (const [index, row] of scaled.metrics.entries())
      expect(row.margin).toBeCloseTo(3 * plain.metrics[index]!.margin!, 4);
  });

  test("must have a positive one", async () => {
    const negative = trainRewardModel(task, model, pairs, { ...training, beta: -1 });
    await expect(negative).rejects.toThrow("beta must be a number above 0, but is -1");
  });
});

describe("a reward model of which only the head is trained", () => {
  const start = rewardModelFrom(model, randomStream(training.seed, "reward", "head"));
  const options = { ...training, epochs: 4, learningRate: 0.05, trainable: "head" } as const;
  const trunk = (trained: typeof model) => {
    const { "score.weight": _, ...others } = unflatten(trained.config, trained.weights, "reward");
    return others;
  };

  test("keeps every other weight of the policy and learns a linear probe", async () => {
    const { model: trained, metrics } = await trainRewardModel(task, model, pairs, options);
    expect(trunk(trained)).toEqual(trunk(start));
    expect(trained.weights).not.toEqual(start.weights);
    expect(metrics.at(-1)!.loss).toBeLessThan(metrics[0]!.loss! - 0.01);
    const all = await trainRewardModel(task, model, pairs, { ...options, trainable: "all" });
    expect(all.metrics[0]!.loss).toBeCloseTo(metrics[0]!.loss!, 5);
    expect(trunk(all.model)).not.toEqual(trunk(start));
  });

  test("reads its states as the readout says", async () => {
    const probe = { ...options, readout: meanOverCompletion };
    const { model: trained, metrics } = await trainRewardModel(task, model, pairs, probe);
    expect(trunk(trained)).toEqual(trunk(start));
    expect(metrics[0]!.loss).not.toBe((await trainRewardModel(task, model, pairs, options)).metrics[0]!.loss);
  });

  test("cannot have weight decay, and no other part can be trained alone", async () => {
    const decayed = trainRewardModel(task, model, pairs, { ...options, weightDecay: 0.1 });
    await expect(decayed).rejects.toThrow('weightDecay with trainable "head" must be 0, but is 0.1');
    const body = trainRewardModel(task, model, pairs, { ...options, trainable: "body" as never });
    await expect(body).rejects.toThrow('trainable must be all or head, but is "body"');
  });
});
