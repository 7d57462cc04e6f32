import { tf } from "../tensors/backend.ts";
import { room, writeRows } from "../tensors/in-place.ts";
import type { NeoXConfig } from "./gpt-neox.ts";
import { MASKED } from "./layers.ts";

/** One layer's keys and values, float32 [B, heads, K, positions, head]. */
export interface KeysValues {
  readonly keys: tf.Tensor;
  readonly values: tf.Tensor;
}

/** The keys and values of completions generated token by token. */
export interface CompletionCache {
  /** The number of completion positions. */
  readonly length: number;
  /** int32 scalar: the position of the current token. */
  readonly step: tf.Tensor;
  /** Additive attention mask of the current token over [prompt | completion], [1, prompt + length]. */
  readonly mask: (promptLength: number) => tf.Tensor2D;
  /** Adds the current token's keys and values of a layer; returns those of all `length` positions. */
  readonly append: (layer: number, current: KeysValues) => KeysValues;
}

/** Empty buffers for the keys and values of `sequences` completions of `length` tokens, per layer. */
export function emptyCache(config: NeoXConfig, sequences: number, length: number): KeysValues[] {
  const { num_hidden_layers: layers, hidden_size: hidden, num_attention_heads: heads } = config;
  const empty = () => room([sequences * heads * length, hidden / heads]);
  return Array.from({ length: layers }, () => ({ keys: empty(), values: empty() }));
}

/**
 * A cache over `layers`, flat [B·heads·K·length, head] each, in which tokens before `step` (an int32 scalar) are
 * stored. `append` writes in place and replaces the layer in the array `layers`.
 */
export function completionCache(layers: KeysValues[], step: tf.Tensor, length: number): CompletionCache {
  return {
    length,
    step,
    mask: (promptLength) => {
      const later = tf.greater(tf.range(0, length, 1, "int32"), step);
      const own = tf.mul(later.toFloat(), MASKED);
      return tf.concat([tf.zeros([promptLength]), own]).reshape([1, promptLength + length]);
    },
    append: (layer, { keys, values }) => {
      const before = layers[layer];
      if (before === undefined) throw new Error(`The completion cache has no layer ${layer}.`);
      const [rows, heads, completions, , head] = keys.shape as [number, number, number, number, number];
      const sequences = rows * heads * completions;
      const at = tf.add(tf.range(0, sequences * length, length, "int32"), step);
      const write = (into: tf.Tensor, fresh: tf.Tensor) =>
        writeRows(into, at, fresh.reshape([sequences, head]));
      const after = { keys: write(before.keys, keys), values: write(before.values, values) };
      layers[layer] = after;
      const shape = [rows, heads, completions, length, head];
      return { keys: after.keys.reshape(shape), values: after.values.reshape(shape) };
    },
  };
}
