import { describe, expect, test } from "vitest";
import { completionPositions, lastToken, type RewardReadout } from "../../src/models/reward-head.ts";
import { globalScorer } from "../../src/models/scorers.ts";
import { tf } from "../../src/tensors/backend.ts";
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
