import { tf } from "../tensors/backend.ts";
import { fused } from "../tensors/compile.ts";
import { matMul } from "../tensors/matrix-products.ts";

/*
 * The differentiable operations of a GPT-NeoX block. Gradients that tfjs would assemble from many small operations
 * are written out: at the sizes used here, a call into TensorFlow costs more than its arithmetic.
 */

/** Added to the attention scores of positions that a token may not attend to. */
export const MASKED = -1e9;

/** x Wᵀ + b. `x` [N, in], `weight` [out, in], `bias` [out] → [N, out]. */
export function linear(x: tf.Tensor2D, weight: tf.Tensor, bias?: tf.Tensor): tf.Tensor2D {
  const product = matMul(x, weight as tf.Tensor2D, false, true);
  return bias === undefined ? product : tf.add(product, bias as tf.Tensor2D);
}

/**
 * Layer normalisation without its affine part: (x - mean) / sqrt(variance + epsilon) over the last axis.
 * Attention and MLP share it in a parallel-residual block.
 */
export function normalise(x: tf.Tensor2D, epsilon: number): tf.Tensor2D {
  const op = tf.customGrad((input, save) => {
    const centred = tf.sub(input as tf.Tensor2D, tf.mean(input as tf.Tensor2D, -1, true));
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon));
    const value = tf.mul(centred, inverse);
    (save as tf.GradSaveFunc)([value, inverse]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [normal, scale] = saved as [tf.Tensor2D, tf.Tensor2D];
      const alongNormal = tf.mul(normal, tf.mean(tf.mul(dy, normal), -1, true));
      return tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, -1, true)), alongNormal), scale);
    };
    return { value, gradFunc };
  });
  return op(x) as tf.Tensor2D;
}

/** The exact GELU, x Φ(x), element by element (Hendrycks and Gimpel, arXiv 1606.08415). */
export function gelu(x: tf.Tensor2D): tf.Tensor2D {
  const op = tf.customGrad((input, save) =>
    fused(x.size, () => {
      const cdf = tf.mul(tf.add(tf.erf(tf.mul(input as tf.Tensor, Math.SQRT1_2)), 1), 0.5);
      (save as tf.GradSaveFunc)([input as tf.Tensor, cdf]);
      const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
        fused(x.size, () => {
          const [at, below] = saved as [tf.Tensor, tf.Tensor];
          const density = tf.mul(tf.exp(tf.mul(tf.square(at), -0.5)), 1 / Math.sqrt(2 * Math.PI));
          return tf.mul(dy, tf.add(below, tf.mul(at, density)));
        });
      return { value: tf.mul(input as tf.Tensor, cdf), gradFunc };
    }),
  );
  return op(x) as tf.Tensor2D;
}

/** log softmax(logits)[target] for each row. `logits` [N, V], `targets` int32 [N] → [N]. */
export function targetLogps(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor1D {
  const oneHot = (of: tf.Tensor) => tf.oneHot(of as tf.Tensor1D, logits.shape[1]).toFloat();
  const op = tf.customGrad((input, save) =>
    fused(logits.size, () => {
      const largest = tf.max(input as tf.Tensor2D, 1, true);
      const shifted = tf.sub(input as tf.Tensor2D, largest);
      const normaliser = tf.add(largest, tf.log(tf.sum(tf.exp(shifted), 1, true)));
      (save as tf.GradSaveFunc)([input as tf.Tensor, normaliser, targets]);
      const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
        fused(logits.size, () => {
          const [at, total, chosen] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
          return tf.mul(tf.sub(oneHot(chosen), tf.exp(tf.sub(at, total))), dy.expandDims(1));
        });
      const places = tf.stack([tf.range(0, logits.shape[0], 1, "int32"), targets], 1);
      const value = tf.sub(tf.gatherND(input as tf.Tensor2D, places), normaliser.squeeze([1]));
      return { value, gradFunc };
    }),
  );
  return op(logits) as tf.Tensor1D;
}

/** Rotary embedding tables of some positions, and the matrix that pairs the rotated dimensions. */
export interface Rotary {
  /** Cosines and sines, [positions, head] or [batch, 1, 1, positions, head]; 1 and 0 where nothing rotates. */
  readonly cos: tf.Tensor;
  readonly sin: tf.Tensor;
  /** [head, head]: x · pairing = (-x₂, x₁) on the rotated dimensions, 0 elsewhere. */
  readonly pairing: tf.Tensor2D;
}

/**
 * Cosines and sines of positions 0 … `length` - 1, [length, head] each: the first `rotated` dimensions of a head turn
 * by position · base^(-2i / rotated), the others do not turn (GPT-NeoX, after Su et al., arXiv 2104.09864). Dimensions
 * turn in pairs: if `rotated` is odd, one more turns, as in transformers.
 */
export function rotaryTables(length: number, head: number, rotated: number, base: number) {
  const cos = new Float32Array(length * head).fill(1);
  const sin = new Float32Array(length * head);
  const pairs = Math.ceil(rotated / 2);
  for (let position = 0; position < length; position++)
    for (let dimension = 0; dimension < 2 * pairs; dimension++) {
      const angle = position * base ** ((-2 * (dimension % pairs)) / rotated);
      cos[position * head + dimension] = Math.cos(angle);
      sin[position * head + dimension] = Math.sin(angle);
    }
  return { cos, sin };
}

/** `Rotary.pairing`, flat. */
export function rotaryPairing(head: number, rotated: number): Float32Array {
  const [matrix, half] = [new Float32Array(head * head), Math.ceil(rotated / 2)];
  for (let i = 0; i < half; i++) {
    matrix[(i + half) * head + i] = -1;
    matrix[i * head + i + half] = 1;
  }
  return matrix;
}

/** Rotates queries or keys [..., positions, head] by their positions. */
export function rotate(x: tf.Tensor, { cos, sin, pairing }: Rotary): tf.Tensor {
  const paired = tf.matMul(x.reshape([-1, pairing.shape[0]]), pairing).reshape(x.shape);
  return tf.add(tf.mul(x, cos), tf.mul(paired, sin));
}
