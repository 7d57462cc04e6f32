import { tf } from "../tensors/backend.ts";
import { fused } from "../tensors/compile.ts";

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
  return adamWUpdate(state, gradient, tf.tensor1d(adamWScales(step, learningRate, options)), options);
}

/** The numbers of an AdamW update that differ from step to step: those of `mhat`, of `sqrt(vhat)` and of decay. */
export function adamWScales(
  step: number,
  learningRate: number,
  { betas: [beta1, beta2], weightDecay }: AdamWOptions,
): [number, number, number] {
  return [
    learningRate / (1 - beta1 ** step),
    1 / Math.sqrt(1 - beta2 ** step),
    1 - learningRate * weightDecay,
  ];
}

/** `adamW` with `adamWScales` as a tensor, float32 [3], so that one traced update serves every step. */
export function adamWUpdate(
  state: OptimizerState,
  gradient: tf.Tensor1D,
  scales: tf.Tensor1D,
  options: AdamWOptions = adamWDefaults,
): OptimizerState & { gradNorm: tf.Scalar } {
  const [beta1, beta2] = options.betas;
  return fused(gradient.size, () => {
    const [rate, correction, decay] = tf.unstack(scales) as [tf.Scalar, tf.Scalar, tf.Scalar];
    const gradNorm: tf.Scalar = tf.sqrt(tf.sum(tf.square(gradient)));
    const clipped = tf.mul(gradient, tf.minimum(1, tf.div(options.maxGradNorm, tf.add(gradNorm, 1e-6))));
    const expAvg: tf.Tensor1D = tf.add(tf.mul(state.expAvg, beta1), tf.mul(clipped, 1 - beta1));
    const expAvgSq: tf.Tensor1D = tf.add(
      tf.mul(state.expAvgSq, beta2),
      tf.mul(tf.square(clipped), 1 - beta2),
    );
    const denominator = tf.add(tf.mul(tf.sqrt(expAvgSq), correction), options.eps);
    const change = tf.mul(tf.div(expAvg, denominator), rate);
    const decayed = options.weightDecay === 0 ? state.weights : tf.mul(state.weights, decay);
    return { weights: tf.sub(decayed, change), expAvg, expAvgSq, gradNorm };
  });
}
