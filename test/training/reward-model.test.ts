import { describe, expect, test } from "vitest";
import { paddedShape, pairGroups } from "../../src/models/batch.ts";
import { withNetwork } from "../../src/models/network.ts";
import {
  completionPositions,
  completionRewards,
  lastToken,
  type RewardReadout,
  rewardBatch,
} from "../../src/models/reward-head.ts";
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

  test("sees the completion's positions without the prompt and the padding", () => {
    const groups = pairGroups(task, pairs.slice(0, 3));
    const found = tf.tidy(() => tf.sum(completionPositions(rewardBatch(groups, 0)), 1).arraySync());
    expect(found).toEqual(groups.flatMap(({ completions }) => completions.map(({ length }) => length)));
  });

  test("does not depend on the padding", async () => {
    const { model: trained } = await trainRewardModel(task, model, pairs, { ...training, epochs: 0.2 });
    const groups = pairGroups(task, pairs.slice(0, 3));
    const shape = paddedShape(groups);
    const longer = { ...shape, completion: shape.completion + 3 };
    const [found, expected] = [longer, shape].map((own) => {
      const rewards = withNetwork(trained, (net) =>
        completionRewards(net, rewardBatch(groups, 0, own), meanOverCompletion),
      );
      const values = Array.from(rewards.dataSync());
      rewards.dispose();
      return values;
    });
    for (const [index, value] of found!.entries()) expect(value).toBeCloseTo(expected![index]!, 4);
  });
});
