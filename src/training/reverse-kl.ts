import { nextTokenKl } from "../models/next-token-kl.ts";
import { tf } from "../tensors/backend.ts";

/**
 * An unbiased estimate, in value and gradient, of KL(π ‖ π_ref) of whole completions, in nats per completion, from N
 * of the policy's own samples at temperature 1.
 *
 * A completion's log-ratio is the sum of its tokens' log-ratios. The expected log-ratio of the token at t, given the
 * tokens before it, is the KL of the two next-token distributions, which can be computed exactly:
 *
 *     KL = E[Σ_t KL_t],  KL_t = Σ_a π(a | s_t) log π(a | s_t) / π_ref(a | s_t).
 *
 * This is the Rao-Blackwellised estimator of Amini, Vieira and Cotterell (arXiv 2504.10637); its variance is at most
 * that of the sampled log-ratios. Both KL_t and the distribution of s_t depend on π, so the gradient has two parts:
 *
 *     ∇KL = E[Σ_t (∇KL_t + ∇log π(a_t | s_t) A_t)],  A_t = Σ_{s>t} KL_s - b_t.
 *
 * Differentiating the estimate alone would omit the second part, which credits a token for the KL of later positions
 * (Tang and Munos, arXiv 2506.09477). Since E_a[∇log π(a)] = 0, terms that do not depend on a_t can be left out of
 * A_t (KL_t and earlier ones) or subtracted from it: the baseline b_t, the mean of Σ_{s>t} KL_s over the other samples
 * that decide at t, lowers the variance and keeps the expectation. With respect to the logits at t, both parts have a
 * closed form, which is the gradient computed here:
 *
 *     π (log π/π_ref - KL_t) + (e_{a_t} - π) A_t.
 *
 * `logits` and `reference` float32 [N·C, vocabulary], the policy's and the reference's at each position of the
 * samples; `targets` int32 [N·C], the samples; `mask` float32 [N, C], 1 where the policy decided.
 */
export function reverseKl(
  logits: tf.Tensor2D,
  reference: tf.Tensor2D,
  targets: tf.Tensor1D,
  mask: tf.Tensor2D,
): tf.Scalar {
  const [samples] = mask.shape;
  const op = tf.customGrad((input, save) => {
    const { probabilities, logRatios, kl } = nextTokenKl(input as tf.Tensor2D, reference);
    const counted: tf.Tensor2D = tf.mul(kl.reshape(mask.shape), mask);
    const excess = tf.mul(tf.sub(logRatios, kl.expandDims(1)), mask.reshape([-1, 1]));
    const advantages = advantagesOver(counted, mask).reshape([-1, 1]);
    const chosen = tf.oneHot(targets, logits.shape[1]).toFloat();
    const direct = tf.mul(probabilities, tf.sub(excess, advantages));
    const gradient = tf.div(tf.add(direct, tf.mul(chosen, advantages)), samples);
    (save as tf.GradSaveFunc)([gradient]);
    const gradFunc = (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(saved as tf.Tensor, dy);
    return { value: tf.div(tf.sum(counted), samples), gradFunc };
  });
  return op(logits) as tf.Scalar;
}

/** A_t of every sample and position, [N, C], from KL_t: Σ_{s>t} KL_s minus the other samples' mean of it. */
function advantagesOver(kl: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor2D {
  const later = tf.mul(tf.cumsum(kl, 1, true, true), mask);
  const others = (values: tf.Tensor) => tf.sub(tf.sum(values, 0, true), values);
  const baseline = tf.div(others(later), tf.maximum(others(mask), 1));
  return tf.mul(tf.sub(later, baseline), mask);
}
