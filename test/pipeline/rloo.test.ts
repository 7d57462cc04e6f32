import { expect, test } from "vitest";
import { evaluationStage } from "../../src/pipeline/evaluation.ts";
import { kindOf } from "../../src/pipeline/kind-of.ts";
import { withAncestors } from "../../src/pipeline/stage-id.ts";
import { rewardModelReward, trainRloo } from "../../src/training/rloo.ts";
import { task } from "../laboratory.ts";
import { config, data, handMadeStore, lab, reward, sft } from "./hand-made.ts";

const { compute } = handMadeStore();
const other = handMadeStore();
const stage = lab.rloo(lab.sft, { epochs: 2, completions: 2 }, { skip: 8, first: 12 });

test("an RLOO stage trains its policy on its prompts with the reward model's scores", async () => {
  const { model, metrics } = await compute(stage);
  const scores = rewardModelReward(task, reward);
  const options = { ...stage.options, seed: 3 };
  const expected = await trainRloo(task, sft, data.prompts.slice(8, 20), scores, options);
  scores.dispose();
  expect(model.weights).toEqual(expected.model.weights);
  expect(model.weights).not.toEqual(sft.weights);
  expect(metrics).toHaveLength((2 * 12) / config.preference.batchSize);
  const recorded = kindOf(stage).record({ model, metrics }).metrics.at(-1)!;
  expect(Object.keys(recorded)).toEqual(
    expect.arrayContaining([
      "objective/scores",
      "objective/rlhf_reward",
      "objective/kl",
      "objective/entropy",
    ]),
  );
});

test("an RLOO stage that is stopped and resumed gives the same bytes", async () => {
  await other.interrupt(stage);
  const [resumed, whole] = [await other.compute(stage), await compute(stage)];
  expect(resumed.model.weights).toEqual(whole.model.weights);
  expect(resumed.metrics).toEqual(whole.metrics);
});

test("an RLOO policy is evaluated as others are, and its KL is from SFT", async () => {
  const evaluation = evaluationStage(stage, "evaluation");
  expect(evaluation.reference).toBe(lab.sft);
  expect((await compute(evaluation)).evaluation.kl).toBeGreaterThan(0);
});

test("an RLOO stage comes after its policy and its reward model, and costs more with more samples", () => {
  const kinds = withAncestors([stage]).map(({ kind }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(["sft", "reward"]));
  expect(kinds.at(-1)).toBe("rloo");
  const cost = (completions: number) => {
    const one = lab.rloo(lab.sft, { completions });
    return kindOf(one).cost(one);
  };
  expect(cost(8)).toBe(2 * cost(4));
});
