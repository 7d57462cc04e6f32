import { expect, test } from "vitest";
import { kindOf } from "../../src/pipeline/kind-of.ts";
import { trainSft } from "../../src/training/sft.ts";
import { task } from "../laboratory.ts";
import { data, handMadeStore, lab } from "./hand-made.ts";

const { store, compute } = handMadeStore();
const other = handMadeStore();
const stage = lab.bestOfSft(lab.sft, {}, { epochs: 3 });

test("best-of-K fine-tuning is SFT from the policy on the best of its samples", async () => {
  const { model, metrics } = await compute(stage);
  const { pairs } = await compute(lab.onlinePairs(lab.sft));
  const best = pairs.map(({ prompt, chosen }) => ({ prompt: data.prompts[prompt]!, completion: chosen }));
  const { model: policy } = store.get(lab.sft);
  const expected = await trainSft(task, policy, best, { ...stage.options, seed: 3 });
  expect(model.weights).toEqual(expected.model.weights);
  expect(metrics).toEqual(expected.metrics);
  expect(metrics.at(-1)!.loss).toBeLessThan(metrics[0]!.loss!);
  expect(kindOf(stage).record({ model, metrics }).metrics.at(-1)).toMatchObject({ step: metrics.length });
});

test("best-of-K fine-tuning that is stopped and resumed gives the same bytes", async () => {
  const longer = lab.bestOfSft(lab.sft, {}, { epochs: 4 });
  const whole = await compute(longer);
  await other.interrupt(longer);
  expect((await other.compute(longer)).model.weights).toEqual(whole.model.weights);
  expect((await other.compute(longer)).metrics).toEqual(whole.metrics);
});
