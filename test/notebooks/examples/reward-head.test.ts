import * as allroads from "allroads";
import { expect, test } from "vitest";
import { meanState } from "../../../notebooks/examples/reward-head.ts";
import { temporaryFolder } from "../../temporary.ts";
import { compute, example, tinyConfig } from "./tiny.ts";

const { tf } = allroads.tensors;

// The first position of each row holds the prompt's last token.
test("the mean state is that of the completion's tokens", () => {
  const batch = {
    prompts: tf.tensor2d([[5], [5]], [2, 1], "int32"),
    inputs: tf.tensor3d([6, 7, 0, 0, 6, 0, 0, 0], [2, 1, 4], "int32"),
    ends: tf.tensor1d([2, 5], "int32"),
  };
  const hidden = tf.tensor2d([1, 2, 3, 99, 10, 20, 99, 99], [8, 1]);
  expect(Array.from(meanState(hidden, batch).dataSync())).toEqual([2.5, 20]);
});

test("a reward model with a user's head is trained, judged and ranks online pairs", async () => {
  const lab = allroads.laboratory(tinyConfig, 3);
  const reward = lab.rewardWith({ readout: allroads.userCode(example("reward-head"), "meanState") });
  expect(allroads.pipeline.stageId(reward)).not.toBe(allroads.pipeline.stageId(lab.reward));
  const [judged, policy] = [lab.verification(reward), lab.online(lab.sft, { scorer: reward })];
  const store = await compute(temporaryFolder("head"), [lab.reward, judged, policy]);
  expect(store.get(reward).model.weights).not.toEqual(store.get(lab.reward).model.weights);
  const { scores } = store.get(judged).verification;
  expect(scores.flat().every(Number.isFinite)).toBe(true);
  expect(new Set(scores.flat()).size).toBeGreaterThan(1);
});
