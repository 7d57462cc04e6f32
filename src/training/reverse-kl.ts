import { compareDistributions } from "../models/next-token-kl.ts";
import { tf } from "../tensors/backend.ts";

/**
 * KL(π ‖ π_ref) of whole completions, in nats per completion, estimated from N of the policy's own samples at
 * temperature 1. Value and gradient are both unbiased.
 *
 * A completion's log-ratio is the sum of its tokens', and given the tokens before it a token's expected log-ratio is
 * KL_t, the divergence of two next-token distributions, which are at hand:
 *
 *     KL = E[Σ_t KL_t],  KL_t = Σ_a π(a | s_t) log π(a | s_t) / π_ref(a | s_t).
 *
 * This is the Rao-Blackwellised estimator of Amini, Vieira and Cotterell (arXiv 2504.10637): its variance is never
 * above that of the sampled log-ratios. The expectation depends on π twice, so that its gradient has two parts:
 *
 *     ∇KL = E[Σ_t (∇KL_t + ∇log π(a_t | s_t) A_t)],  A_t = Σ_{s>t} KL_s - b_t.
 *
 * To differentiate the estimate alone would leave out the second, by which a token answers for the places it leads to
 * (Tang and Munos, arXiv 2506.09477). No A_t holds KL_t itself: E_a[∇log π(a)] = 0 takes out all that a_t does not
 * move. For the same reason the baseline b_t, the mean of Σ_{s>t} KL_s over the other samples that decide at t,
 * lowers the variance and leaves the expectation. With respect to the logits at t both parts have a closed form,
 * which is the gradient here:
 *
 *     π (log π/π_ref - KL_t) + (e_{a_t} - π) A_t.
 *
 * `logits` and `reference` float32 [N·C, vocabulary], the policy's and the reference's at each place of the samples;
 * `targets` int32 [N·C], the samples; `mask` float32 [N, C], 1 where the policy decided, elsewhere nothing counts.
 */
export function reverseKl(
  logits: tf.Tensor2D,
  reference: tf.Tensor2D,
  targets: tf.Tensor1D,
  mask: tf.Tensor2D,
): tf.Scalar {
  const [samples] = mask.shape;
  const op = tf.customGrad((input, save) => {
    const { probabilities, logRatios, divergences } = compareDistributions(input as tf.Tensor2D, reference);
    const counted: tf.Tensor2D = tf.mul(divergences.reshape(mask.shape), mask);
    const excess = tf.mul(tf.sub(logRatios, divergences.expandDims(1)), mask.reshape([-1, 1]));
    const advantages = advantagesOver(counted, mask).reshape([-1, 1]);
    const chosen = tf.oneHot(targets, logits.shape[1]).toFloat();
    const direct = tf.mul(probabilities, tf.sub(excess, advantages));
    const gradient = tf.div(tf.add(direct, tf.mul(chosen, advantages)), samples);
    (save as tf.GradSaveFunc)([gradient]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(saved[0]!, dy);
    return { value: tf.div(tf.sum(counted), samples), gradFunc };
  });
  return op(logits) as tf.Scalar;
}

/** A_t of every sample and place, [N, C], from KL_t: what comes later, less the other samples' mean of it. */
function advantagesOver(divergences: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor2D {
  const later = tf.mul(tf.cumsum(divergences, 1, true, true), mask);
  const others = (values: tf.Tensor) => tf.sub(tf.sum(values, 0, true), values);
  const baseline = tf.div(others(later), tf.maximum(others(mask), 1));
  return tf.mul(tf.sub(later, baseline), mask);
}
