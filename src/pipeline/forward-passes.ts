import type { ChosenSftStage } from "./chosen-sft.ts";
import type { OnlinePairsStage } from "./online-pairs.ts";
import { type PairsStage, pairCount } from "./pairs.ts";
import type { PreferenceStage } from "./preference.ts";
import type { RelabelledPairsStage } from "./relabelled-pairs.ts";
import type { RewardStage } from "./reward-model.ts";
import type { RlooStage } from "./rloo.ts";
import { promptCount } from "./samples.ts";
import { isModelStage, type ScorerSpec } from "./scorers.ts";
import { policySize } from "./sft.ts";
import type { LogpsStage, SamplesStage } from "./shared-stages.ts";
import { identity, type PolicyStage, type Stage } from "./stage.ts";
import { inputsOf } from "./stage-id.ts";

/*
 * The computing of a policy, counted from the definitions of its stages. The unit is one forward pass of the policy's own
 * model over one completion with its prompt: sampling or scoring a completion is one, a training step on it three, forward
 * and backward.
 */

const TRAINING = 3;

/** Where counting stops: what all arms of an experiment start from and share. */
const GIVEN: readonly string[] = ["sft", "checkpoint", "published-reward", "offline-pairs"];

/**
 * Everything that a policy needed beyond SFT and the shared offline pairs: earlier policies, reward models, samples, their
 * scores, log-probabilities under a reference, and its own training; each stage once. The gold reward and scorers of a user
 * are not counted, and models of another size by their size. Throws if a policy's training did not begin with SFT.
 */
export function forwardPasses(policy: PolicyStage): number {
  const stages = new Map<string, Stage>();
  const visit = (stage: Stage) => {
    if (GIVEN.includes(stage.kind) || stages.has(identity(stage))) return;
    stages.set(identity(stage), stage);
    inputsOf(stage).forEach(visit);
  };
  visit(policy);
  const unit = policySize(policy);
  const size: Size = (other) => policySize(other) / unit;
  return [...stages.values()].reduce((sum, stage) => sum + ownPasses(stage, size), 0);
}

/** The forward passes of a policy's model in those of the policy that is counted for. */
type Size = typeof policySize;

/** The forward passes of one stage alone. */
function ownPasses(stage: Stage, size: Size): number {
  switch (stage.kind) {
    case "samples":
      return sampledCompletions(stage as SamplesStage, size);
    case "logps":
      return loggedCompletions(stage as LogpsStage, size);
    case "online-pairs": {
      const { scorer, completions } = stage as OnlinePairsStage;
      return scorerSize(scorer, size) * pairCount(stage as OnlinePairsStage) * completions;
    }
    case "relabelled-pairs":
      return (
        scorerSize((stage as RelabelledPairsStage).scorer, size) *
        2 *
        pairCount(stage as RelabelledPairsStage)
      );
    case "reward": {
      const { policy, pairs, options } = stage as RewardStage;
      const perCompletion = options.trainable === "head" ? 1 : TRAINING;
      return size(policy) * perCompletion * 2 * pairCount(pairs) * options.epochs;
    }
    case "preference": {
      const { policy, pairs, options } = stage as PreferenceStage;
      // An on-policy KL draws samples for each pair of a step, reads the reference on them, and trains on them too.
      const regularized = options.kl === undefined ? 0 : options.kl.completions * (2 + TRAINING);
      return size(policy) * (TRAINING * 2 + regularized) * pairCount(pairs) * options.epochs;
    }
    case "chosen-sft": {
      const { policy, pairs, options } = stage as ChosenSftStage;
      return size(policy) * TRAINING * pairCount(pairs) * options.epochs;
    }
    case "rloo": {
      // Each sample is drawn, scored by the reward model, read under the reference and trained on.
      const { policy, reward, options, ...rest } = stage as RlooStage;
      const samples = promptCount({ ...rest, prompts: "preference" }) * options.completions * options.epochs;
      return samples * (size(policy) * (2 + TRAINING) + size(reward.policy ?? reward));
    }
    case "flipped-pairs":
      return 0;
    default:
      throw new Error(`The forward passes of a ${stage.kind} stage are not known: count them in ownPasses.`);
  }
}

function sampledCompletions(samples: SamplesStage, size: Size): number {
  return size(samples.policy) * promptCount(samples) * samples.completions;
}

function loggedCompletions({ policy, of }: LogpsStage, size: Size): number {
  const completions =
    of.kind === "samples"
      ? promptCount(of as SamplesStage) * (of as SamplesStage).completions
      : 2 * pairCount(of as PairsStage);
  return size(policy) * completions;
}

/** The size of a scorer's model; 0 of one without a model of its own, as the likelihood reads stored log-probabilities. */
function scorerSize(scorer: ScorerSpec, size: Size): number {
  return isModelStage(scorer) ? size(scorer.policy ?? scorer) : 0;
}
