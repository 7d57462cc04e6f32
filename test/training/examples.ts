import { expect } from "vitest";
import { decisions } from "../../src/models/batch.ts";
import type { Model } from "../../src/models/gpt-neox.ts";
import { onPolicyKl } from "../../src/training/on-policy-kl.ts";
import { annotatedPairs } from "../../src/training/pairs.ts";
import { type PreferenceOptions, trainPreference } from "../../src/training/preference.ts";
import type { TrainingHooks } from "../../src/training/train.ts";
import { data, model, task, training } from "../laboratory.ts";
import { norm } from "../parity.ts";

/* Preference pairs of the tests' task, and DPO on them. */

/** For each prompt another post's summary with this post's values copied in, and an empty summary. */
const samples = data.prompts.map((prompt, index) => {
  const { completion } = data.demonstrations[index]!;
  const forcedNext = task.forcedNext!(prompt);
  const decided = decisions(completion, forcedNext);
  return [
    completion.map((token, place) => (decided[place] ? token : forcedNext[completion[place - 1]!]!)),
    [task.vocabulary.eos],
  ];
});

export const pairs = annotatedPairs(task, data.prompts, samples, 7);
export const preference: PreferenceOptions = { ...training, beta: 0.5, reference: "start" };

/** `trainPreference` on `pairs` with an on-policy KL from the model. */
export async function trainWithKl(
  kl: Parameters<typeof onPolicyKl>[2],
  options: Partial<PreferenceOptions> = {},
  hooks?: TrainingHooks,
  policy: Model = model,
) {
  const regularizer = onPolicyKl(task, policy, kl);
  try {
    return await trainPreference(task, policy, pairs, { ...preference, ...options, regularizer }, hooks);
  } finally {
    regularizer.dispose();
  }
}

/** Stops training as a killed process would: with an error from the outside, after the given step. */
export function killedAfter(step: number): Pick<TrainingHooks, "onStep"> {
  return {
    onStep: (row) => {
      if (row.step === step) throw new Error("killed");
    },
  };
}

/** Compares in norm: AdamW takes full steps also for parameters whose gradient is only rounding error. */
export function expectSameWeights(actual: Float32Array, expected: Float32Array) {
  const errors = expected.map((weight, index) => weight - actual[index]!);
  expect(norm(errors) / norm(expected)).toBeLessThan(1e-4);
}
