import { describe, expect, test } from "vitest";
import { decisions } from "../../src/models/batch.ts";
import { initialModel } from "../../src/models/initialization.ts";
import { sample } from "../../src/models/sampling.ts";
import { dpoScorer, localScorer, policyEntropy, policyKl, policyLogps } from "../../src/models/scorers.ts";
import type { Sample } from "../../src/tasks/task.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { logDistributions, sharpened, tokenLogps, total } from "../by-hand.ts";
import { data, model as fresh, task } from "../laboratory.ts";

const policy = sharpened(fresh, 10);
const reference = sharpened(initialModel(fresh.config, randomStream(8, "weights")), 10);
const [first, second] = data.demonstrations as [Sample, Sample];
/** Two completions of one prompt, one of them cut behind a copied value, and one of another prompt. */
const samples: Sample[] = [first, { ...first, completion: first.completion.slice(0, 4) }, second];
const decided = samples.map(({ prompt, completion }) => decisions(completion, task.forcedNext!(prompt)));

const byHand = {
  all: (model: typeof policy) =>
    samples.map((sample, index) =>
      total(tokenLogps(model, sample).filter((_, place) => decided[index]![place])),
    ),
  last: (model: typeof policy) => samples.map((sample) => tokenLogps(model, sample).at(-1)!),
};

function expectClose(found: ArrayLike<number>, expected: readonly number[]) {
  expect(found).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) expect(found[index]).toBeCloseTo(value, 3);
}

describe("rewards from likelihoods", () => {
  test("local: β log π of the decided tokens, or of the last token alone", () => {
    expectClose(policyLogps(task, policy, samples), byHand.all(policy));
    expectClose(policyLogps(task, policy, samples, "last"), byHand.last(policy));
    expectClose(
      localScorer(task, policy, 0.5)(samples),
      byHand.all(policy).map((logp) => 0.5 * logp),
    );
    expectClose(
      localScorer(task, policy, 0.5, "last")(samples),
      byHand.last(policy).map((logp) => 0.5 * logp),
    );
  });

  test("DPO: β (log π - log π_ref), the policy first", () => {
    const [above, below] = [byHand.all(policy), byHand.all(reference)];
    const expected = above.map((logp, index) => 0.5 * (logp - below[index]!));
    expect(Math.min(...expected.map(Math.abs))).toBeGreaterThan(0.01);
    expectClose(dpoScorer(task, policy, reference, 0.5)(samples), expected);
  });
});

describe("a temperature", () => {
  test("divides the logits, as a sharper unembedding multiplies them", () => {
    const twice = sharpened(policy, 2);
    expectClose(policyLogps(task, policy, samples, "all", 0.5), byHand.all(twice));
    expect(policyEntropy(task, policy, samples, 0.5)).toBeCloseTo(policyEntropy(task, twice, samples), 5);
  });
});

describe("kl", () => {
  test("is that of the uncached models' distributions at decided tokens, summed over completions and averaged", () => {
    const kls = samples.map((sample, index) => {
      const [own, base] = [logDistributions(policy, sample), logDistributions(reference, sample)];
      const places = own.map((logps, place) =>
        total(logps.map((logp, token) => Math.exp(logp) * (logp - base[place]![token]!))),
      );
      return total(places.filter((_, place) => decided[index]![place]));
    });
    expect(policyKl(task, policy, reference, samples)).toBeCloseTo(total(kls) / 3, 3);
    expect(policyKl(task, policy, policy, samples)).toBe(0);
  });

  test("of the policy's samples is near the mean of their log-ratios", async () => {
    const { eos, pad } = task.vocabulary;
    const options = { completions: 150, temperature: 1, maxTokens: task.completionLength, eos, pad };
    const requests = data.prompts.slice(0, 4).map((prompt, index) => ({
      prompt: prompt.tokens,
      forcedNext: task.forcedNext!(prompt),
      stream: randomStream(index, "divergence-test"),
    }));
    const drawn = (await sample(policy, requests, options)).flatMap((completions, index) =>
      completions.map((completion) => ({ prompt: data.prompts[index]!, completion })),
    );
    const below = policyLogps(task, reference, drawn);
    const ratios = [...policyLogps(task, policy, drawn)].map((logp, index) => logp - below[index]!);
    const average = total(ratios) / ratios.length;
    const deviation = Math.sqrt(total(ratios.map((ratio) => (ratio - average) ** 2))) / ratios.length;
    expect(average).toBeGreaterThan(10 * deviation);
    expect(Math.abs(policyKl(task, policy, reference, drawn) - average)).toBeLessThan(4 * deviation);
  });
});

describe("entropy", () => {
  test("is that of the uncached model's distributions, averaged over all decided tokens alike", () => {
    const entropies = samples.flatMap((sample, index) =>
      logDistributions(policy, sample)
        .filter((_, place) => decided[index]![place])
        .map((logps) => -total(logps.map((logp) => Math.exp(logp) * logp))),
    );
    expect(policyEntropy(task, policy, samples)).toBeCloseTo(total(entropies) / entropies.length, 4);
  });
});
