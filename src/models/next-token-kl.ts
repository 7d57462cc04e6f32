import { tf } from "../tensors/backend.ts";

/** Next-token distributions [N, vocabulary] and what parts them from a reference's. */
export interface Divergence {
  readonly probabilities: tf.Tensor2D;
  /** log π - log π_ref of every token. */
  readonly logRatios: tf.Tensor2D;
  /** KL(π ‖ π_ref) = Σ_a π(a) log π(a)/π_ref(a), in nats, [N]. */
  readonly divergences: tf.Tensor1D;
}

/** Compares the distributions of `logits` with those of `reference`, float32 [N, vocabulary] each. */
export function compareDistributions(logits: tf.Tensor2D, reference: tf.Tensor2D): Divergence {
  const logps = tf.logSoftmax(logits);
  const probabilities = tf.exp(logps);
  const logRatios: tf.Tensor2D = tf.sub(logps, tf.logSoftmax(reference));
  return { probabilities, logRatios, divergences: tf.sum(tf.mul(probabilities, logRatios), 1) };
}
