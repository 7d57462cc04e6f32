import { describe, expect, test } from "vitest";
import { paddedShape } from "../../src/models/batch.ts";
import { rewardModelFrom } from "../../src/models/initialization.ts";
import { withNetwork } from "../../src/models/network.ts";
import {
  completionPositions,
  completionRewards,
  lastToken,
  type RewardReadout,
  rewardBatch,
} from "../../src/models/reward-head.ts";
import { tf } from "../../src/tensors/backend.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { data, model } from "../laboratory.ts";

const reward = rewardModelFrom(model, randomStream(1, "head"));
const groups = data.demonstrations.slice(0, 4).map(({ prompt, completion }, index) => ({
  prompt: prompt.tokens.slice(index),
  completions: [completion, completion.slice(0, 1 + index)],
}));

/** The sum of the completion tokens' hidden states. */
const sumOverCompletion: RewardReadout = (hidden, batch) => {
  const mask = completionPositions(batch);
  return tf.sum(tf.mul(hidden.reshape([...mask.shape, -1]), mask.expandDims(2)), 1) as tf.Tensor2D;
};

function rewards(readout: RewardReadout, own = groups, shape = paddedShape(own)): number[] {
  const found = withNetwork(reward, (net) => completionRewards(net, rewardBatch(own, 0, shape), readout));
  const values = Array.from(found.dataSync());
  found.dispose();
  return values;
}

describe("a reward head", () => {
  test("sees the completions' positions without the prompt and the padding", () => {
    const found = tf.tidy(() => tf.sum(completionPositions(rewardBatch(groups, 0)), 1).arraySync());
    expect(found).toEqual(groups.flatMap(({ completions }) => completions.map(({ length }) => length)));
  });

  test.each([
    ["the last token", lastToken],
    ["all tokens", sumOverCompletion],
  ])("gives rewards that do not depend on padding: %s", (_, readout) => {
    const shape = paddedShape(groups);
    const padded = rewards(readout, groups, {
      prompt: shape.prompt + 2,
      completion: shape.completion + 3,
      padded: true,
    });
    const alone = groups.flatMap((group) => rewards(readout, [group]));
    for (const [index, value] of rewards(readout).entries()) {
      expect(value).toBeCloseTo(padded[index]!, 4);
      expect(value).toBeCloseTo(alone[index]!, 4);
    }
  });

  test("sums over tokens what prefixes of the completion end in", () => {
    const [group] = groups;
    const completion = group!.completions[0]!;
    const prefixes = completion.map((_, last) => completion.slice(0, last + 1));
    const each = rewards(lastToken, [{ prompt: group!.prompt, completions: prefixes }]);
    const [total] = rewards(sumOverCompletion, [{ prompt: group!.prompt, completions: [completion] }]);
    expect(total).toBeCloseTo(
      each.reduce((sum, value) => sum + value, 0),
      3,
    );
  });
});
