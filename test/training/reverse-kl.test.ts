import { describe, expect, test } from "vitest";
import { type CompletionGroup, collate } from "../../src/models/batch.ts";
import type { Network } from "../../src/models/decoder.ts";
import { initialModel } from "../../src/models/initialization.ts";
import { withNetwork } from "../../src/models/network.ts";
import { sequenceLogps, tokenLogits } from "../../src/models/scoring.ts";

import { tf } from "../../src/tensors/backend.ts";
import { randomStream } from "../../src/tensors/random.ts";
import { reverseKl } from "../../src/training/reverse-kl.ts";
import { sharpened } from "../by-hand.ts";
import { model as laboratoryModel } from "../laboratory.ts";
import { differentiate, expectGradients } from "../parity.ts";

/* Three tokens and completions of up to three: few enough to take every expectation by adding up. */
const VOCABULARY = [0, 1, 2];
const EOS = 2;
const LENGTH = 3;
const config = { ...laboratoryModel.config, vocab_size: 3, hidden_size: 8, intermediate_size: 8 };
const fresh = (seed: number) => sharpened(initialModel(config, randomStream(seed, "weights")), 30);
const [policy, reference] = [fresh(1), fresh(2)];

/** All completions that a policy can give, each ended by `EOS` or the length. */
function completionsOf(forcedNext?: Int32Array, before: number[] = []): number[][] {
  const last = before.at(-1);
  if (last === EOS || before.length === LENGTH) return [before];
  const copied = last === undefined ? -1 : (forcedNext?.[last] ?? -1);
  const next = copied === -1 ? VOCABULARY : [copied];
  return next.flatMap((token) => completionsOf(forcedNext, [...before, token]));
}

describe.each([
  ["of a policy that decides every token", undefined],
  // Behind a 0 the decoder puts a 1.
  ["of a policy behind whose 0 comes a 1", Int32Array.from([1, -1, -1])],
])("the reverse KL %s", (_, forcedNext) => {
  const completions = completionsOf(forcedNext);
  const group: CompletionGroup = { prompt: [0, 1], completions, forcedNext };

  /** Σ π (log π - log π_ref) over all completions, differentiated as it stands. */
  const exact = differentiate(policy, (net) => {
    const batch = collate([group], EOS);
    const logps = sequenceLogps(net, batch);
    const base = withNetwork(reference, (other) => sequenceLogps(other, batch));
    return tf.sum(tf.mul(tf.exp(logps), tf.sub(logps, base)));
  });

  /** The expectation of the estimate over `samples` independent completions: over all ways to draw them. */
  const expected = (samples: number) =>
    differentiate(policy, (net) => {
      const batch = collate([group], EOS);
      const probabilities = tf.exp(sequenceLogps(net, batch)).arraySync() as number[];
      const [own, other] = [net, undefined].map((one) => placesOf(one, batch));
      const take = (from: tf.Tensor, drawn: number[]) => tf.gather(from, tf.tensor1d(drawn, "int32"));
      const targets = batch.targets.reshape([completions.length, LENGTH]);
      const estimates = tuples(completions.length, samples).map((drawn) => {
        const flat = (from: tf.Tensor) => take(from, drawn).reshape<tf.Tensor2D>([-1, config.vocab_size]);
        const estimate = reverseKl(
          flat(own!),
          flat(other!),
          take(targets, drawn).flatten() as tf.Tensor1D,
          take(batch.mask, drawn) as tf.Tensor2D,
        );
        return tf.mul(
          estimate,
          drawn.reduce((product, index) => product * probabilities[index]!, 1),
        );
      });
      return tf.addN(estimates) as tf.Scalar;
    });

  function placesOf(net: Network | undefined, batch: ReturnType<typeof collate>): tf.Tensor {
    const shape = [completions.length, LENGTH, config.vocab_size];
    return net === undefined
      ? withNetwork(reference, (one) => tokenLogits(one, batch).reshape(shape))
      : tokenLogits(net, batch).reshape(shape);
  }

  test("has the right completions to add up", () => {
    const sum = withNetwork(policy, (net) => tf.sum(tf.exp(sequenceLogps(net, collate([group], EOS)))));
    expect(sum.dataSync()[0]).toBeCloseTo(1, 5);
    sum.dispose();
    expect(exact.loss).toBeGreaterThan(0.05);
  });

  test.each([1, 2])("is estimated by %i samples without bias in value and gradient", (samples) => {
    const found = expected(samples);
    expect(found.loss).toBeCloseTo(exact.loss, 5);
    expectGradients(found.gradients, exact.gradients, 1e-4);
  });
});

/** All lists of `length` indices below `bound`. */
function tuples(bound: number, length: number): number[][] {
  if (length === 0) return [[]];
  return tuples(bound, length - 1).flatMap((rest) =>
    Array.from({ length: bound }, (_, one) => [...rest, one]),
  );
}
