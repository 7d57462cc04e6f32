import { tf } from "../tensors/backend.ts";
import type { Batch } from "./batch.ts";
import type { Network } from "./decoder.ts";
import { type GenerationInputs, generate, prescribed } from "./generation.ts";

/**
 * Samples completions and gives them as the batch that `collate` would make of them, with `maxTokens` positions,
 * without leaving the device: sampling and what reads the samples can be one compiled function.
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

/** Where the policy decides, bool [B·K, C], behind the tokens `before` [B, K, C]: at the start, and where no copy is due. */
function decided(before: tf.Tensor3D, forcedNext: tf.Tensor2D): tf.Tensor2D {
  const [rows, completions, length] = before.shape;
  const free = tf.less(prescribed(before, forcedNext), tf.scalar(0, "int32"));
  const start = tf.less(tf.range(0, length, 1, "int32"), tf.scalar(1, "int32"));
  return tf.logicalOr(free.reshape<tf.Tensor2D>([rows * completions, length]), start);
}
