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
  rolloutRewardBatch,
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

describe("an end token that the model skips", () => {
  const [end, pad] = [9, 9];
  const own = [{ prompt: [1, 2], completions: [[3, 4, end], [3, 4], [end], [3, end, end]] }];

  test("leaves the token before it as the last, or the prompt's", () => {
    const endsOf = (skipped?: number) =>
      tf.tidy(() => rewardBatch(own, pad, undefined, skipped).ends.arraySync());
    expect(endsOf()).toEqual([3, 4 + 2, 8 + 1, 12 + 3]);
    expect(endsOf(end)).toEqual([2, 4 + 2, 8, 12 + 1]);
  });

  test("is skipped in samples that are on the device as well", () => {
    const endsOf = (skipped?: number) =>
      tf.tidy(() => {
        const targets = tf.tensor3d(
          [
            [
              [3, 4, end],
              [3, 4, 5],
              [end, pad, pad],
            ],
          ],
          undefined,
          "int32",
        );
        return rolloutRewardBatch({ inputs: targets, targets }, end, skipped).ends.arraySync();
      });
    expect(endsOf()).toEqual([3, 4 + 3, 8 + 1]);
    expect(endsOf(end)).toEqual([2, 4 + 3, 8]);
  });
});
