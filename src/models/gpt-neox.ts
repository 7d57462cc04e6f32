/** A GPT-NeoX decoder's dimensions, under the names of Hugging Face's `config.json`. */
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
}

/**
 * The decoder's last linear map: an untied unembedding to the vocabulary (`embed_out.weight`), or a scalar
 * reward (`score.weight`), as in GPTNeoXForSequenceClassification.
 */
export type Head = "language" | "reward";

/** A model on the host; `weights` holds all parameters in the order of `parameterShapes`. */
export interface Model {
  readonly config: NeoXConfig;
  readonly head: Head;
  readonly weights: Float32Array;
}

/** Names and shapes of a model's parameters, in the order of its flat vector. */
export function parameterShapes(config: NeoXConfig, head: Head = "language"): Record<string, number[]> {
  const { vocab_size: vocab, hidden_size: hidden, intermediate_size: inner } = config;
  const shapes: Record<string, number[]> = { "gpt_neox.embed_in.weight": [vocab, hidden] };
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const at = `gpt_neox.layers.${layer}`;
    Object.assign(shapes, {
      [`${at}.input_layernorm.weight`]: [hidden],
      [`${at}.input_layernorm.bias`]: [hidden],
      [`${at}.post_attention_layernorm.weight`]: [hidden],
      [`${at}.post_attention_layernorm.bias`]: [hidden],
      [`${at}.attention.query_key_value.weight`]: [3 * hidden, hidden],
      [`${at}.attention.query_key_value.bias`]: [3 * hidden],
      [`${at}.attention.dense.weight`]: [hidden, hidden],
      [`${at}.attention.dense.bias`]: [hidden],
      [`${at}.mlp.dense_h_to_4h.weight`]: [inner, hidden],
      [`${at}.mlp.dense_h_to_4h.bias`]: [inner],
      [`${at}.mlp.dense_4h_to_h.weight`]: [hidden, inner],
      [`${at}.mlp.dense_4h_to_h.bias`]: [hidden],
    });
  }
  shapes["gpt_neox.final_layer_norm.weight"] = [hidden];
  shapes["gpt_neox.final_layer_norm.bias"] = [hidden];
  if (head === "language") shapes["embed_out.weight"] = [vocab, hidden];
  else shapes["score.weight"] = [1, hidden];
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
