import { tf } from "../tensors/backend.ts";

/** AdamW's constants, with PyTorch's names and defaults except for no weight decay. */
export interface AdamWOptions {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  /** The gradient's L2 norm is clipped to this. */
  readonly maxGradNorm: number;
}

export const adamWDefaults: AdamWOptions = {
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  maxGradNorm: 1,
};

/** What training carries from step to step, each float32 [n] over all parameters. */
export interface OptimizerState {
  readonly weights: tf.Tensor1D;
  /** Running means of the gradient and of its square (PyTorch's `exp_avg` and `exp_avg_sq`). */
  readonly expAvg: tf.Tensor1D;
  readonly expAvgSq: tf.Tensor1D;
}

/**
 * One AdamW update (Loshchilov and Hutter, arXiv 1711.05101) after clipping the gradient's norm as
 * `torch.nn.utils.clip_grad_norm_` does. `step` counts from 1. Returns new tensors and disposes nothing.
 */
export function adamW(
  state: OptimizerState,
  gradient: tf.Tensor1D,
  step: number,
  learningRate: number,
  options: AdamWOptions = adamWDefaults,
): OptimizerState & { gradNorm: tf.Scalar } {
  const [beta1, beta2] = options.betas;
  const gradNorm: tf.Scalar = tf.sqrt(tf.sum(tf.square(gradient)));
  const clipped = tf.mul(gradient, tf.minimum(1, tf.div(options.maxGradNorm, tf.add(gradNorm, 1e-6))));
  const expAvg: tf.Tensor1D = tf.add(tf.mul(state.expAvg, beta1), tf.mul(clipped, 1 - beta1));
  const expAvgSq: tf.Tensor1D = tf.add(tf.mul(state.expAvgSq, beta2), tf.mul(tf.square(clipped), 1 - beta2));
  const denominator = tf.add(tf.mul(tf.sqrt(expAvgSq), 1 / Math.sqrt(1 - beta2 ** step)), options.eps);
  const change = tf.mul(tf.div(expAvg, denominator), learningRate / (1 - beta1 ** step));
  const decayed =
    options.weightDecay === 0 ? state.weights : tf.mul(state.weights, 1 - learningRate * options.weightDecay);
  return { weights: tf.sub(decayed, change), expAvg, expAvgSq, gradNorm };
}
