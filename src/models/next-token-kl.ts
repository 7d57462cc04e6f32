import { tf } from "../tensors/backend.ts";

/** Next-token distributions [N, vocabulary] and their KL from a reference's. */
export interface NextTokenKl {
  readonly probabilities: tf.Tensor2D;
  /** log π - log π_ref of every token. */
  readonly logRatios: tf.Tensor2D;
  /** KL(π ‖ π_ref) = Σ_a π(a) log π(a)/π_ref(a), in nats, [N]. */
  readonly kl: tf.Tensor1D;
}

/** KL of the distributions of `logits` from those of `reference`, float32 [N, vocabulary] each. */
export function nextTokenKl(logits: tf.Tensor2D, reference: tf.Tensor2D): NextTokenKl {
  const logps = tf.logSoftmax(logits);
  const probabilities = tf.exp(logps);
  const logRatios: tf.Tensor2D = tf.sub(logps, tf.logSoftmax(reference));
  return { probabilities, logRatios, kl: tf.sum(tf.mul(probabilities, logRatios), 1) };
}
