import { tf } from "../tensors/backend.ts";
import type { Batch } from "./batch.ts";
import type { Network } from "./decoder.ts";
import { forcedToken, type GenerationInputs, generate } from "./generation.ts";

/**
 * Samples completions on the device, as the batch that `collate` makes of them with `maxTokens` positions. A compiled
 * function can sample and use the samples in one graph.
 */
export function rollout(net: Network, inputs: GenerationInputs): Batch {
  const { prompts, attention, last, forcedNext, eos, ended, maxTokens: length } = inputs;
  const rows = last.size;
  const completions = ended.size / rows;
  const targets = tf.transpose(generate(net, inputs)).reshape<tf.Tensor3D>([rows, completions, length]);
  const first = tf.tile(last.reshape<tf.Tensor3D>([rows, 1, 1]), [1, completions, 1]);
  const shifted = tf.slice(targets, [0, 0, 0], [rows, completions, length - 1]);
  const before = length === 1 ? first : tf.concat([first, shifted], 2);
  const ends = tf.cumsum(tf.equal(targets, eos).toFloat(), 2, true);
  const alive = tf.equal(ends, 0).reshape<tf.Tensor2D>([ended.size, length]);
  const mask =
    forcedNext === undefined ? alive : tf.logicalAnd<tf.Tensor2D>(alive, decided(before, forcedNext));
  return { prompts, attention, inputs: before, targets, mask: mask.toFloat() };
}

/** bool [B·K, C]: true where the policy decides, at the first position and after tokens `before` [B, K, C] that force none. */
function decided(before: tf.Tensor3D, forcedNext: tf.Tensor2D): tf.Tensor2D {
  const [rows, completions, length] = before.shape;
  const free = tf.less(forcedToken(before, forcedNext), tf.scalar(0, "int32"));
  const start = tf.less(tf.range(0, length, 1, "int32"), tf.scalar(1, "int32"));
  return tf.logicalOr(free.reshape<tf.Tensor2D>([rows * completions, length]), start);
}
