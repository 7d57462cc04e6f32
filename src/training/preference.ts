import {
  type Batch,
  type CompletionGroup,
  type Credit,
  checkGroups,
  chosenAndRejected,
  collate,
  type PaddedShape,
  paddedShape,
  pairGroups,
} from "../models/batch.ts";
import type { Model } from "../models/gpt-neox.ts";
import { groupLogps, sequenceLogps } from "../models/scoring.ts";
import type { PreferencePair, Prompt, Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import {
  implicitReward,
  type PreferenceLoss,
  type PreferenceLossName,
  type PreferenceLossOptions,
  preferenceLosses,
} from "./losses.ts";
import type { Regularizer } from "./regularizer.ts";
import { outOfRange, type TrainingHooks, type TrainingOptions, train } from "./train.ts";
import type { MetricsRow, Objective } from "./trainer.ts";

/** Preference fine-tuning's settings. */
export interface PreferenceOptions extends TrainingOptions, PreferenceLossOptions {
  /**
   * A loss by its published name, or a function like those in losses.ts; default "dpo". Checkpoints identify a function
   * by its source text.
   */
  readonly loss?: PreferenceLossName | PreferenceLoss;
  /**
   * The model that the policy is held to: "start", the policy at the start of training, as in DPO; a fixed model, for
   * several rounds; or "none", which trains a local reward model.
   */
  readonly reference: "start" | "none" | Model;
  /** The completion tokens that log-probabilities sum; "last" without a reference is the last-token reward model. */
  readonly credit?: Credit;
  /** Divides the logits of policy and reference in all log-probabilities; default 1, as in DPO. */
  readonly temperature?: number;
  /** Adds a penalty to the loss. */
  readonly regularizer?: Regularizer;
}

/** A pair, with the difference of its true rewards if they are known. */
export interface ScoredPair<P extends Prompt = Prompt> extends PreferencePair<P> {
  /** Reward of the chosen minus that of the rejected completion. Losses get it if all pairs have it; "rebel" needs it. */
  readonly rewardDifference?: number;
  /** The reference's log-probabilities, under TRL's names; computed unless all pairs have both. */
  readonly ref_chosen_logps?: number;
  readonly ref_rejected_logps?: number;
}

/** A pair as it is trained on. */
export interface PreferenceExample {
  /** The chosen and the rejected completion. */
  readonly group: CompletionGroup;
  /** The reference's log-probabilities of both; absent without a reference. */
  readonly referenceChosen?: number;
  readonly referenceRejected?: number;
  /** As in `ScoredPair`. */
  readonly rewardDifference?: number;
}

/** Pairs as a batch of two completions per prompt. The values per pair are float32 [B], absent if the pairs lack them. */
export interface PreferenceBatch extends Batch {
  readonly referenceChosen?: tf.Tensor1D;
  readonly referenceRejected?: tf.Tensor1D;
  readonly rewardDifferences?: tf.Tensor1D;
}

/**
 * Trains a policy on preference pairs. Offline and online preference fine-tuning differ only in the pairs: given by
 * people, or the policy's own samples ranked by a reward model. Logs `rewards/chosen`, `rewards/rejected`,
 * `rewards/accuracies`, `rewards/margins`, `logps/chosen` and `logps/rejected`, as TRL's DPO trainer does, and the
 * regularizer's metrics. Throws as `train` does, and if a pair cannot be used.
 */
export async function trainPreference<P extends Prompt>(
  task: Task<P>,
  policy: Model,
  pairs: readonly ScoredPair<P>[],
  options: PreferenceOptions,
  hooks: TrainingHooks = {},
): Promise<{ model: Model; metrics: MetricsRow[] }> {
  checkPreferenceOptions(options);
  const unscored = pairs.findIndex(({ rewardDifference }) => !Number.isFinite(rewardDifference));
  if (options.loss === "rebel" && unscored !== -1)
    throw new Error(
      `Example ${unscored} has no finite rewardDifference: the loss rebel needs one for every pair.`,
    );
  const groups = pairGroups(task, pairs);
  checkGroups(groups, policy.config);
  const { pad } = task.vocabulary;
  const shape = hooks.trainer?.shapeFor?.(groups) ?? paddedShape(groups);
  const reference =
    options.reference === "none" ? undefined : referenceLogps(policy, pairs, groups, pad, options, hooks);
  const examples = pairs.map(
    ({ rewardDifference }, pair): PreferenceExample => ({
      group: groups[pair]!,
      referenceChosen: reference?.[2 * pair],
      referenceRejected: reference?.[2 * pair + 1],
      rewardDifference: unscored === -1 ? rewardDifference : undefined,
    }),
  );
  const objective = preferenceObjective(pad, shape, options);
  const regularized = options.regularizer?.apply(objective, examples, shape, options.seed) ?? objective;
  return train(policy, examples, regularized, options, hooks);
}

/** The reference's log-probabilities of chosen and rejected in turn, [2 · pairs], as given or else computed. */
function referenceLogps(
  policy: Model,
  pairs: readonly ScoredPair[],
  groups: readonly CompletionGroup[],
  pad: number,
  { reference, credit, temperature }: PreferenceOptions,
  { compiled }: TrainingHooks,
): ArrayLike<number> {
  const given = pairs.flatMap((pair) => [pair.ref_chosen_logps, pair.ref_rejected_logps]);
  if (given.every((logp) => logp !== undefined)) return given;
  const model = typeof reference === "string" ? policy : reference;
  if (model.head !== "language" || model.config.vocab_size !== policy.config.vocab_size)
    throw new Error("The reference must be a language model with the policy's vocabulary: give another one.");
  return groupLogps(model, groups, pad, credit, temperature, compiled);
}

/** A preference loss on examples padded to `shape`. */
export function preferenceObjective(
  pad: number,
  shape: PaddedShape,
  options: Pick<PreferenceOptions, "beta" | "label_smoothing" | "loss" | "credit" | "temperature">,
): Objective<PreferenceExample, PreferenceBatch> {
  const { beta, label_smoothing, loss = "dpo", credit, temperature } = options;
  const preferenceLoss = typeof loss === "function" ? loss : preferenceLosses[loss];
  return {
    identity: { preference: loss, beta, label_smoothing, temperature },
    shape: { ...shape, completions: 2 },
    batch: (examples) => {
      const column = (name: "referenceChosen" | "referenceRejected" | "rewardDifference") => {
        const values = examples.flatMap((example) => example[name] ?? []);
        return values.length === examples.length ? tf.tensor1d(values) : undefined;
      };
      const groups = examples.map(({ group }) => group);
      return {
        ...collate(groups, pad, shape, credit),
        referenceChosen: column("referenceChosen"),
        referenceRejected: column("referenceRejected"),
        rewardDifferences: column("rewardDifference"),
      };
    },
    loss: (net, { referenceChosen, referenceRejected, rewardDifferences, ...batch }) => {
      const logps = chosenAndRejected(sequenceLogps(net, batch, temperature));
      const tokens = chosenAndRejected(tf.sum(batch.mask, 1));
      const chosen = implicitReward(logps.chosen, referenceChosen, beta);
      const rejected = implicitReward(logps.rejected, referenceRejected, beta);
      const counts = { chosenTokens: tokens.chosen, rejectedTokens: tokens.rejected };
      return {
        loss: preferenceLoss({ chosen, rejected, ...counts, rewardDifferences }, { beta, label_smoothing }),
        metrics: {
          "rewards/chosen": tf.mean(chosen),
          "rewards/rejected": tf.mean(rejected),
          "rewards/accuracies": tf.mean(tf.greater(chosen, rejected).toFloat()),
          "rewards/margins": tf.mean(tf.sub(chosen, rejected)),
          "logps/chosen": tf.mean(logps.chosen),
          "logps/rejected": tf.mean(logps.rejected),
        },
      };
    },
  };
}

function checkPreferenceOptions(options: PreferenceOptions) {
  const { beta, label_smoothing = 0, loss = "dpo", temperature = 1 } = options;
  if (!(Number.isFinite(temperature) && temperature > 0))
    throw outOfRange("temperature", "a number above 0", temperature);
  if (!(label_smoothing >= 0 && label_smoothing < 0.5))
    throw outOfRange("label_smoothing", "at least 0 and below 0.5", label_smoothing);
  if (typeof loss === "string" && !Object.hasOwn(preferenceLosses, loss))
    throw outOfRange("loss", `one of ${Object.keys(preferenceLosses).join(", ")}, or a function`, loss);
  if (!Number.isFinite(beta)) throw outOfRange("beta", "a number", beta);
}
