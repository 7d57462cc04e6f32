import { type Batch, type CompletionGroup, paddedShape } from "../models/batch.ts";
import { network } from "../models/decoder.ts";
import type { GenerationInputs } from "../models/generation.ts";
import type { Model } from "../models/gpt-neox.ts";
import { completionLogits } from "../models/logps.ts";
import { rollout } from "../models/rollout.ts";
import { checkPrompt, generationInputs } from "../models/sampling.ts";
import type { Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import { randomStream } from "../tensors/random.ts";
import { outOfRange } from "./options.ts";
import { reverseKl } from "./reverse-kl.ts";
import type { Objective } from "./step.ts";

/** An explicit divergence from the reference, beside the loss on pairs. */
export interface OnPolicyKl {
  /** What a nat of KL(π ‖ π_ref) adds to the loss. */
  readonly weight: number;
  /** Samples of the current policy per prompt and step. */
  readonly completions: number;
}

/** What `withOnPolicyKl` needs to know beside the objective that it adds to. */
export interface OnPolicySetting {
  readonly task: Pick<Task, "vocabulary" | "completionLength">;
  /** The examples' prompts; their completions are not read. */
  readonly groups: readonly CompletionGroup[];
  /** Where training starts, and its weights on the device, float32 [n], which the caller disposes. */
  readonly reference: Model;
  readonly referenceWeights: tf.Tensor1D;
  readonly kl: OnPolicyKl;
  /** Decides the samples, with the step. */
  readonly seed: number;
}

/** Samples of the current policy, and the reference's logits at each of their places, [N·C, vocabulary]. */
interface Rollout {
  readonly samples: Batch;
  readonly referenceLogits: tf.Tensor2D;
}

/**
 * `objective` + weight · KL(π ‖ π_ref), estimated at each step from samples that the current policy draws at
 * temperature 1 for the batch's prompts: with the DPO loss, the method of Song et al. (arXiv 2406.01462). Logs
 * `kl`, in nats per completion; copied tokens do not count. Throws where an option is out of its range or a prompt
 * leaves no room for a completion.
 */
export function withOnPolicyKl<B extends object>(
  objective: Objective<B>,
  { task, groups, reference, referenceWeights, kl, seed }: OnPolicySetting,
): Objective<{ given: B; draw: GenerationInputs }, Rollout> {
  const { weight, completions } = kl;
  const { vocabulary, completionLength: maxTokens } = task;
  if (!(Number.isFinite(weight) && weight >= 0)) throw outOfRange("kl.weight", "0 or more", weight);
  if (!Number.isInteger(completions) || completions < 1)
    throw outOfRange("kl.completions", "a whole number above 0", completions);
  for (const [row, { prompt }] of groups.entries()) checkPrompt(reference, prompt, row, maxTokens);
  const room = paddedShape(groups);
  const { eos, pad } = vocabulary;
  return {
    batch: (examples, step) => {
      const stream = randomStream(seed, "kl", step);
      const requests = examples.map((index) => ({ ...groups[index]!, stream }));
      const options = { completions, temperature: 1, maxTokens, eos, pad };
      return {
        given: objective.batch(examples, step),
        draw: generationInputs(reference, requests, requests.length, room, options),
      };
    },
    rollout: (net, { draw }) => {
      const samples = rollout(net, draw);
      const start = network(reference.config, referenceWeights, reference.head);
      return { samples, referenceLogits: completionLogits(start, samples) };
    },
    loss: (net, { given, samples, referenceLogits }) => {
      const { loss, metrics } = objective.loss(net, given);
      const logits = completionLogits(net, samples);
      const kl = reverseKl(logits, referenceLogits, samples.targets.flatten(), samples.mask);
      return {
        loss: tf.add(loss, tf.mul(kl, weight)) as tf.Scalar,
        metrics: { ...metrics, kl: kl },
      };
    },
  };
}
