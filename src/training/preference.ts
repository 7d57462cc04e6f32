import { type Batch, type CompletionGroup, checkGroups, paddedShape } from "../models/batch.ts";
import { flatVariable } from "../models/decoder.ts";
import type { Model } from "../models/gpt-neox.ts";
import { batchLogps, type Credit, creditedBatch, policyLogps } from "../models/scorers.ts";
import type { PreferencePair, Prompt, Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import { dpoLoss, type PairLogps } from "./losses.ts";
import { type OnPolicyKl, withOnPolicyKl } from "./on-policy-kl.ts";
import { outOfRange } from "./options.ts";
import { pairGroups, pairSamples, splitPairs } from "./pairs.ts";
import type { Objective } from "./step.ts";
import { type MetricsRow, type TrainingHooks, type TrainingOptions, train } from "./train.ts";

/** Preference fine-tuning's settings. */
export interface PreferenceOptions extends TrainingOptions {
  /** The reward's scale: how strongly the policy is held to its reference. */
  readonly beta: number;
  /**
   * "start" holds the policy to the weights it starts from: DPO, offline or online as the pairs are. "none"
   * drops the reference, which gives a local reward model.
   */
  readonly reference: "start" | "none";
  /** The completion tokens whose log-probabilities count; "last" with no reference is the last-token reward model. */
  readonly credit?: Credit;
  /**
   * Divides the logits in every log-probability of the loss, the policy's and the reference's; 1 unless told. DPO
   * has none; code that reuses the sampling temperature there trains another loss, a confound worth measuring.
   */
  readonly temperature?: number;
  /** Adds weight · KL(π ‖ π_ref) to the loss, from the current policy's own samples; π_ref is where training starts. */
  readonly kl?: OnPolicyKl;
}

/** Pairs with the reference's log-probabilities of them, float32 [B] each. */
type PreferenceBatch = Batch & Pick<PairLogps, "referenceChosen" | "referenceRejected">;

/**
 * Trains on preference pairs with the DPO loss. Offline and online preference fine-tuning are this function on
 * different pairs: those that people gave, or the policy's own samples ranked by a reward model. Logs
 * `rewards/chosen`, `rewards/rejected`, `rewards/accuracies`, `rewards/margins`, `logps/chosen` and
 * `logps/rejected`, as TRL's DPO trainer does, and `kl` where the options ask for it.
 */
export async function trainPreference<P extends Prompt>(
  task: Task<P>,
  policy: Model,
  pairs: readonly PreferencePair<P>[],
  options: PreferenceOptions,
  hooks?: TrainingHooks,
): Promise<{ model: Model; metrics: MetricsRow[] }> {
  const { credit, temperature = 1 } = options;
  if (!(Number.isFinite(temperature) && temperature > 0))
    throw outOfRange("temperature", "a number above 0", temperature);
  const groups = pairGroups(task, pairs);
  const reference =
    options.reference === "start"
      ? policyLogps(task, policy, pairSamples(pairs), credit, temperature, hooks?.compiled)
      : undefined;
  checkGroups(groups, policy.config);
  const objective = preferenceObjective(groups, task.vocabulary.pad, options, reference);
  const { kl, seed } = options;
  if (kl === undefined) return train(policy, groups.length, objective, options, hooks);
  const referenceWeights = flatVariable(policy.weights);
  try {
    const held = withOnPolicyKl(objective, { task, groups, reference: policy, referenceWeights, kl, seed });
    return await train(policy, groups.length, held, options, hooks);
  } finally {
    referenceWeights.dispose();
  }
}

/**
 * The DPO loss on groups of two completions, the chosen one first. `reference` holds the reference's
 * log-probabilities of both in turn, [2 · groups], or is absent for a local reward model.
 */
export function preferenceObjective(
  groups: readonly CompletionGroup[],
  pad: number,
  { beta, credit = "all", temperature = 1 }: Pick<PreferenceOptions, "beta" | "credit" | "temperature">,
  reference: Float32Array | undefined,
): Objective<PreferenceBatch> {
  const room = paddedShape(groups);
  return {
    batch: (examples) => {
      const base = (offset: number) =>
        reference && tf.tensor1d(examples.map((index) => reference[2 * index + offset]!));
      const batch = examples.map((index) => groups[index]!);
      return {
        ...creditedBatch(batch, pad, credit, room),
        referenceChosen: base(0),
        referenceRejected: base(1),
      };
    },
    loss: (net, { referenceChosen, referenceRejected, ...batch }) => {
      const { chosen, rejected } = splitPairs(batchLogps(net, batch, temperature));
      const { loss, chosenRewards, rejectedRewards } = dpoLoss(
        { policyChosen: chosen, policyRejected: rejected, referenceChosen, referenceRejected },
        beta,
      );
      return {
        loss,
        metrics: {
          "rewards/chosen": tf.mean(chosenRewards),
          "rewards/rejected": tf.mean(rejectedRewards),
          "rewards/accuracies": tf.mean(tf.greater(chosenRewards, rejectedRewards).toFloat()),
          "rewards/margins": tf.mean(tf.sub(chosenRewards, rejectedRewards)),
          "logps/chosen": tf.mean(chosen),
          "logps/rejected": tf.mean(rejected),
        },
      };
    },
  };
}
