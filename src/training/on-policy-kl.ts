import type { Batch, CompletionGroup, PaddedShape } from "../models/batch.ts";
import { deviceVariables, network } from "../models/decoder.ts";
import type { GenerationInputs } from "../models/generation.ts";
import type { Model } from "../models/gpt-neox.ts";
import { rollout } from "../models/rollout.ts";
import { checkPrompt, generationInputs, samplingIds } from "../models/sampling.ts";
import { tokenLogits } from "../models/scoring.ts";
import type { Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import { randomStream } from "../tensors/random.ts";
import type { Regularizer } from "./regularizer.ts";
import { reverseKl } from "./reverse-kl.ts";
import { outOfRange } from "./train.ts";
import type { Objective } from "./trainer.ts";

/** The settings of `onPolicyKl`. */
export interface OnPolicyKlOptions {
  /** Multiplies KL(π ‖ π_ref), in nats per completion, in the loss. */
  readonly weight: number;
  /** Samples of the current policy per prompt and step. */
  readonly completions: number;
}

/** A batch for the loss on pairs, and what the policy's samples are drawn from. */
interface KlBatch<B> {
  readonly pairs: B;
  readonly draw: GenerationInputs;
}

/** Samples of the current policy, and the reference's logits at each of their positions, [N·C, vocabulary]. */
interface Rollout {
  readonly samples: Batch;
  readonly referenceLogits: tf.Tensor2D;
}

/**
 * A regularizer that adds weight · KL(π ‖ π_ref), estimated at each step from samples that the current policy draws at
 * temperature 1 for the batch's prompts: with the DPO loss, the method of Song et al. (arXiv 2406.01462). Logs `kl`,
 * in nats per completion; copied tokens do not count. Holds the reference's weights on the device until disposed.
 * Throws if an option is out of range, and in training if a prompt leaves no space for a completion.
 */
export function onPolicyKl(
  task: Pick<Task, "vocabulary" | "completionLength">,
  reference: Model,
  options: OnPolicyKlOptions,
): Regularizer & { dispose(): void } {
  const { weight, completions } = options;
  if (!(Number.isFinite(weight) && weight >= 0)) throw outOfRange("kl.weight", "0 or more", weight);
  if (!Number.isInteger(completions) || completions < 1)
    throw outOfRange("kl.completions", "a whole number above 0", completions);
  const weights = deviceVariables(reference);
  const { vocabulary, completionLength: maxTokens } = task;
  const sampling = { ...samplingIds(vocabulary), completions, temperature: 1, maxTokens };
  const identity = { onPolicyKl: { weight, completions, maxTokens, reference } };
  return {
    toJSON: () => identity,
    dispose: () => tf.dispose(weights),
    apply: <E extends { readonly group: CompletionGroup }, B extends object>(
      objective: Objective<E, B>,
      examples: readonly E[],
      shape: PaddedShape,
      seed: number,
    ): Objective<E, KlBatch<B>, Rollout> => {
      for (const [row, { group }] of examples.entries()) checkPrompt(reference, group.prompt, row, maxTokens);
      return {
        identity: [objective.identity, identity],
        holdsTensors: true,
        shape: objective.shape,
        terms: objective.terms,
        combine: objective.combine,
        batch: (examples, step, part = 0) => {
          const stream = randomStream(seed, "kl", step, ...(part > 0 ? [part] : []));
          const requests = examples.map(({ group }) => ({ ...group, stream }));
          return {
            pairs: objective.batch(examples, step, part),
            draw: generationInputs(reference, requests, requests.length, shape, sampling),
          };
        },
        prepare: (net, { draw }) => {
          const samples = rollout(net, draw);
          const start = network(reference.config, weights, reference.head);
          return { samples, referenceLogits: tokenLogits(start, samples) };
        },
        loss: (net, { pairs, samples, referenceLogits }) => {
          const { loss, metrics } = objective.loss(net, pairs);
          const logits = tokenLogits(net, samples);
          const kl = reverseKl(logits, referenceLogits, samples.targets.flatten(), samples.mask);
          return {
            loss: tf.add(loss, tf.mul(kl, weight)) as tf.Scalar,
            metrics: { ...metrics, kl },
          };
        },
      };
    },
  };
}
