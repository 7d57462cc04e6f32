import { tf } from "../tensors/backend.ts";

/** Mean negative log-likelihood of the tokens where `mask` is 1. `logps` and `mask` float32 [N, C] → scalar. */
export function sftLoss(logps: tf.Tensor2D, mask: tf.Tensor2D): tf.Scalar {
  return tf.neg(tf.div(tf.sum(tf.mul(logps, mask)), tf.sum(mask)));
}

/**
 * -log σ(chosen - rejected), averaged over pairs (Bradley and Terry). Rewards are float32 [B]. Written as
 * softplus of the negative margin, which does not overflow.
 */
export function bradleyTerryLoss(chosen: tf.Tensor1D, rejected: tf.Tensor1D): tf.Scalar {
  return tf.mean(tf.softplus(tf.sub(rejected, chosen)));
}

/** Log-probabilities of whole completions, each float32 [B]. Without a reference its terms are 0. */
export interface PairLogps {
  readonly policyChosen: tf.Tensor1D;
  readonly policyRejected: tf.Tensor1D;
  readonly referenceChosen?: tf.Tensor1D;
  readonly referenceRejected?: tf.Tensor1D;
}

/** DPO's loss, float32 scalar, and its implicit rewards, float32 [B] each. */
export interface PreferenceLoss {
  readonly loss: tf.Scalar;
  readonly chosenRewards: tf.Tensor1D;
  readonly rejectedRewards: tf.Tensor1D;
}

/**
 * The DPO loss, -log σ(β [log π/π_ref (chosen) - log π/π_ref (rejected)]), averaged over pairs (Rafailov et
 * al., arXiv 2305.18290, eq. 7). Without a reference it trains a local reward model, r = β log π.
 */
export function dpoLoss(logps: PairLogps, beta: number): PreferenceLoss {
  const reward = (policy: tf.Tensor1D, reference: tf.Tensor1D | undefined): tf.Tensor1D =>
    tf.mul(reference === undefined ? policy : tf.sub(policy, reference), beta);
  const chosenRewards = reward(logps.policyChosen, logps.referenceChosen);
  const rejectedRewards = reward(logps.policyRejected, logps.referenceRejected);
  return { loss: bradleyTerryLoss(chosenRewards, rejectedRewards), chosenRewards, rejectedRewards };
}
