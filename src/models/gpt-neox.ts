import type { Activation } from "./activations.ts";

/**
 * A GPT-NeoX decoder, under the names of Hugging Face's `config.json`. Optional settings are left out where they have
 * their defaults, since a config is part of a stage's id.
 */
export interface NeoXConfig {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly intermediate_size: number;
  readonly max_position_embeddings: number;
  /** The fraction of each head's dimensions that rotary embeddings turn. */
  readonly rotary_pct: number;
  readonly rotary_emb_base: number;
  readonly layer_norm_eps: number;
  /** The MLP's nonlinearity; default "gelu". */
  readonly hidden_act?: Activation;
  /** Whether the linear maps of attention have biases; default true. */
  readonly attention_bias?: boolean;
  /** Whether attention and MLP read the same residual stream, or the MLP what attention left; default true. */
  readonly use_parallel_residual?: boolean;
  /** Whether the embedding is the unembedding too; default false. */
  readonly tie_word_embeddings?: boolean;
  /** Kept for who trains the saved model elsewhere, default 0: nothing is dropped here, in training neither. */
  readonly attention_dropout?: number;
  readonly hidden_dropout?: number;
  /** Kept as well; default none. */
  readonly bos_token_id?: number;
  /** A reward is read off the last token that is not this one; default the last token, whichever it is. */
  readonly pad_token_id?: number;
}

/**
 * The decoder's last linear map: an unembedding to the vocabulary (`embed_out.weight`, or the embedding if they are
 * tied); a scalar reward (`score.weight`), as in GPTNeoXForSequenceClassification; or none, as in GPTNeoXModel.
 */
export type Head = "language" | "reward" | "none";

/** A model on the host; `weights` holds all parameters in the order of `parameterShapes`. */
export interface Model {
  readonly config: NeoXConfig;
  readonly head: Head;
  readonly weights: Float32Array;
  /** Further vectors, which continue `weights`, of a model that is too large for one. No tensor is divided. */
  readonly further?: readonly Float32Array[];
}

/** All vectors of a model's parameters: one, unless the model is too large for that. */
export function vectorsOf({ weights, further = [] }: Pick<Model, "weights" | "further">): Float32Array[] {
  return [weights, ...further];
}

/** The most elements of one vector of parameters: TensorFlow counts many a tensor's elements with 31 bits. */
export const LONGEST_VECTOR = 2 ** 31 - 1;

/** The weights of a model that is one vector. Throws if it is several. */
export function oneVector({ weights, further }: Pick<Model, "weights" | "further">): Float32Array {
  if (further === undefined) return weights;
  const count = vectorsOf({ weights, further }).reduce((sum, { length }) => sum + length, 0);
  throw new Error(
    `The model has ${count} parameters, more than the ${LONGEST_VECTOR} that one vector can hold: use a smaller one.`,
  );
}

/** Names and shapes of a model's parameters, in the order of its flat vector. */
export function parameterShapes(config: NeoXConfig, head: Head = "language"): Record<string, number[]> {
  const {
    vocab_size: vocab,
    hidden_size: hidden,
    intermediate_size: inner,
    attention_bias: biased = true,
  } = config;
  const shapes: Record<string, number[]> = { "gpt_neox.embed_in.weight": [vocab, hidden] };
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const at = `gpt_neox.layers.${layer}`;
    Object.assign(shapes, {
      [`${at}.input_layernorm.weight`]: [hidden],
      [`${at}.input_layernorm.bias`]: [hidden],
      [`${at}.post_attention_layernorm.weight`]: [hidden],
      [`${at}.post_attention_layernorm.bias`]: [hidden],
      [`${at}.attention.query_key_value.weight`]: [3 * hidden, hidden],
      ...(biased && { [`${at}.attention.query_key_value.bias`]: [3 * hidden] }),
      [`${at}.attention.dense.weight`]: [hidden, hidden],
      ...(biased && { [`${at}.attention.dense.bias`]: [hidden] }),
      [`${at}.mlp.dense_h_to_4h.weight`]: [inner, hidden],
      [`${at}.mlp.dense_h_to_4h.bias`]: [inner],
      [`${at}.mlp.dense_4h_to_h.weight`]: [hidden, inner],
      [`${at}.mlp.dense_4h_to_h.bias`]: [hidden],
    });
  }
  shapes["gpt_neox.final_layer_norm.weight"] = [hidden];
  shapes["gpt_neox.final_layer_norm.bias"] = [hidden];
  if (head === "reward") shapes["score.weight"] = [1, hidden];
  else if (head === "language" && !config.tie_word_embeddings) shapes["embed_out.weight"] = [vocab, hidden];
  return shapes;
}

/** The number of elements of a tensor of this shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** The number of parameters of a model. */
export function parameterCount(config: NeoXConfig, head: Head = "language"): number {
  return Object.values(parameterShapes(config, head)).reduce((sum, shape) => sum + sizeOf(shape), 0);
}
