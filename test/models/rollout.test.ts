import { expect, test } from "vitest";
import { collate } from "../../src/models/batch.ts";
import { rollout } from "../../src/models/rollout.ts";
import { generationInputs, sample } from "../../src/models/sampling.ts";
import { onModel } from "../../src/models/scoring.ts";
import { tf } from "../../src/tensors/backend.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { data, model, task } from "../laboratory.ts";

const { eos, pad } = task.vocabulary;
const rollouts = onModel("rollout", (net, inputs: Parameters<typeof rollout>[1]) => ({
  ...rollout(net, inputs),
}));
const requests = (copying: boolean) =>
  data.prompts.slice(0, 5).map((prompt, index) => ({
    prompt: prompt.tokens.slice(index),
    forcedNext: copying ? task.forcedNext!(prompt) : undefined,
    stream: randomStream(1, "rollout-test", index),
  }));

test.each([
  [true, true, task.completionLength],
  [true, false, task.completionLength],
  [false, true, task.completionLength],
  [true, true, 1],
])(
  "is the batch of the samples that the sampler draws (copying %s, compiled %s, %i tokens)",
  async (copying, compiled, maxTokens) => {
    const options = { completions: 3, temperature: 1, maxTokens, eos, pad };
    const samples = await sample(model, requests(copying), options);
    const groups = requests(copying).map((request, row) => ({ ...request, completions: samples[row]! }));
    const padded = { prompt: requests(copying)[0]!.prompt.length - 1, padded: true };
    tf.tidy(() => {
      const inputs = generationInputs(
        model,
        requests(copying),
        groups.length,
        { ...padded, completion: 0 },
        options,
      );
      const found = rollouts(model, inputs, compiled);
      const expected = collate(groups, pad, { ...padded, completion: maxTokens });
      for (const part of ["prompts", "attention", "inputs", "targets", "mask"] as const) {
        expect(found[part]!.arraySync(), part).toEqual(expected[part]!.arraySync());
        expect(found[part]!.dtype, part).toBe(expected[part]!.dtype);
      }
      expect(new Set(samples.flat().map(({ length }) => length)).size > 1).toBe(maxTokens > 1);
    });
  },
);
