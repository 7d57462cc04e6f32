import { tf } from "../tensors/backend.ts";
import { after, fused } from "../tensors/compile.ts";

/** Learning rate schedules after the warm-up. */
export const schedules = ["constant", "linear", "cosine"] as const;
/** The name of a learning-rate schedule. */
export type Schedule = (typeof schedules)[number];

/**
 * The learning rate's multiplier at `step` (from 0) of `steps`: linear warm-up from 0 over `warmup` steps, then
 * constant, linear or half-cosine decay to 0, as in transformers' `get_linear_schedule_with_warmup` and
 * `get_cosine_schedule_with_warmup`.
 */
export function learningRateFactor(schedule: Schedule, step: number, steps: number, warmup: number): number {
  if (step < warmup) return step / Math.max(1, warmup);
  if (schedule === "constant") return 1;
  const progress = (step - warmup) / Math.max(1, steps - warmup);
  return schedule === "linear" ? Math.max(0, 1 - progress) : 0.5 * (1 + Math.cos(Math.PI * progress));
}

/** AdamW's constants, with PyTorch's names and defaults except for no weight decay. */
export interface AdamWOptions {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  /** The gradient's L2 norm is clipped to this. */
  readonly maxGradNorm: number;
}

/** AdamW's defaults: PyTorch's, without weight decay, with gradients clipped to norm 1. */
export const adamWDefaults: AdamWOptions = {
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  maxGradNorm: 1,
};

/** The weights and AdamW's moments, each float32 [n] over all parameters. */
export interface OptimizerState {
  readonly weights: tf.Tensor1D;
  /** Running means of the gradient and of its square (PyTorch's `exp_avg` and `exp_avg_sq`). */
  readonly expAvg: tf.Tensor1D;
  readonly expAvgSq: tf.Tensor1D;
}

/** The step-dependent factors of an AdamW update: of the first moment, of sqrt(second moment) and of the decay. */
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

/**
 * One AdamW update (Loshchilov and Hutter, arXiv 1711.05101) after clipping the gradient's norm as
 * `torch.nn.utils.clip_grad_norm_` does. `scales` float32 [3] are `adamWScales` of this step (from 1), a tensor so
 * that one graph serves every step. Returns new tensors and disposes nothing.
 */
export function adamWUpdate(
  state: OptimizerState,
  gradient: tf.Tensor1D,
  scales: tf.Tensor1D,
  options: AdamWOptions = adamWDefaults,
): OptimizerState & { gradNorm: tf.Scalar } {
  return fused(gradient.size, () => {
    const gradNorm: tf.Scalar = tf.sqrt(tf.sum(tf.square(gradient)));
    return { ...clippedUpdate(state, gradient, gradNorm, scales, options), gradNorm };
  });
}

/**
 * The same for parameters in several vectors, whose gradients are clipped together. In a compiled function one vector is
 * updated after the other.
 */
export function adamWUpdates(
  states: readonly OptimizerState[],
  gradients: readonly tf.Tensor1D[],
  scales: tf.Tensor1D,
  options: AdamWOptions = adamWDefaults,
): { states: OptimizerState[]; gradNorm: tf.Scalar } {
  const [first, ...others] = states;
  if (first !== undefined && others.length === 0) {
    const { gradNorm, ...next } = adamWUpdate(first, gradients[0]!, scales, options);
    return { states: [next], gradNorm };
  }
  const squares = gradients.map((gradient) => fused(gradient.size, () => tf.sum(tf.square(gradient))));
  const gradNorm: tf.Scalar = tf.sqrt(tf.addN(squares) as tf.Scalar);
  const updated: OptimizerState[] = [];
  for (const [index, state] of states.entries()) {
    const gradient = after(gradients[index]!, updated.at(-1)?.weights ?? gradNorm);
    updated.push(fused(gradient.size, () => clippedUpdate(state, gradient, gradNorm, scales, options)));
  }
  return { states: updated, gradNorm };
}

/** An update by a gradient that is part of one with the norm `gradNorm`. */
function clippedUpdate(
  state: OptimizerState,
  gradient: tf.Tensor1D,
  gradNorm: tf.Scalar,
  scales: tf.Tensor1D,
  { betas: [beta1, beta2], maxGradNorm, eps, weightDecay }: AdamWOptions,
): OptimizerState {
  const [rate, correction, decay] = tf.unstack(scales) as [tf.Scalar, tf.Scalar, tf.Scalar];
  const clipped = tf.mul(gradient, tf.minimum(1, tf.div(maxGradNorm, tf.add(gradNorm, 1e-6))));
  const expAvg: tf.Tensor1D = tf.add(tf.mul(state.expAvg, beta1), tf.mul(clipped, 1 - beta1));
  const expAvgSq: tf.Tensor1D = tf.add(tf.mul(state.expAvgSq, beta2), tf.mul(tf.square(clipped), 1 - beta2));
  const denominator = tf.add(tf.mul(tf.sqrt(expAvgSq), correction), eps);
  const change = tf.mul(tf.div(expAvg, denominator), rate);
  const decayed = weightDecay === 0 ? state.weights : tf.mul(state.weights, decay);
  return { weights: tf.sub(decayed, change), expAvg, expAvgSq };
}
