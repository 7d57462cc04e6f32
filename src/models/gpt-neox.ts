import { normal, type RandomStream } from "../tensors/random.ts";

/** The shape of a GPT-NeoX decoder, under the names of Hugging Face's `config.json`. */
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
 * What the decoder ends in: an untied unembedding to the vocabulary (`embed_out.weight`), or one reward
 * read off a token's final hidden state (`score.weight`), as in GPTNeoXForSequenceClassification.
 */
export type Head = "language" | "reward";

/** A model's parameters on the host, by Hugging Face name; linear weights are [out, in]. */
export type HostWeights = Record<string, Float32Array>;

/** A model: its shape, its head, and all parameters in one vector, in the order of `parameterShapes`. */
export interface Model {
  readonly config: NeoXConfig;
  readonly head: Head;
  readonly weights: Float32Array;
}

/** Names and shapes of a model's parameters, in the order in which one flat vector holds them. */
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

/** How many numbers a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** How many parameters a model has. */
export function parameterCount(config: NeoXConfig, head: Head = "language"): number {
  return Object.values(parameterShapes(config, head)).reduce((sum, shape) => sum + sizeOf(shape), 0);
}

/** Named parameters as one vector. Throws where one is missing or of another size. */
export function flatten(config: NeoXConfig, weights: HostWeights, head: Head = "language"): Float32Array {
  const flat = new Float32Array(parameterCount(config, head));
  let offset = 0;
  for (const [name, shape] of Object.entries(parameterShapes(config, head))) {
    const values = weights[name];
    if (values?.length !== sizeOf(shape)) {
      throw new Error(
        `Parameter ${name} must hold ${sizeOf(shape)} numbers (shape [${shape}]), but ` +
          `${values === undefined ? "is missing" : `holds ${values.length}`}: give weights of this config.`,
      );
    }
    flat.set(values, offset);
    offset += values.length;
  }
  return flat;
}

/** The inverse of `flatten`: views into `flat`, by name. */
export function unflatten(config: NeoXConfig, flat: Float32Array, head: Head = "language"): HostWeights {
  const weights: HostWeights = {};
  let offset = 0;
  for (const [name, shape] of Object.entries(parameterShapes(config, head))) {
    weights[name] = flat.subarray(offset, offset + sizeOf(shape));
    offset += sizeOf(shape);
  }
  return weights;
}

/**
 * A fresh language model. Standard deviations: 0.1 for the embedding, 0.05 for the unembedding,
 * sqrt(2 / 5d) for linear maps (Nguyen and Salazar, arXiv 1910.05895) and 1 / (L sqrt(d)) for those that
 * write to the residual stream; biases 0, norms 1.
 */
export function initialModel(config: NeoXConfig, stream: RandomStream): Model {
  const { hidden_size: hidden, num_hidden_layers: layers } = config;
  const deviation = (name: string): number => {
    if (name.endsWith("embed_in.weight")) return 0.1;
    if (name.endsWith("embed_out.weight")) return 0.05;
    if (/(attention\.dense|dense_4h_to_h)\.weight$/.test(name)) return 1 / (layers * Math.sqrt(hidden));
    return Math.sqrt(2 / (5 * hidden));
  };
  const weights: HostWeights = {};
  for (const [name, shape] of Object.entries(parameterShapes(config))) {
    const constant = name.endsWith("bias") ? 0 : /norm\.weight$/.test(name) ? 1 : undefined;
    weights[name] = Float32Array.from({ length: sizeOf(shape) }, () =>
      constant === undefined ? deviation(name) * normal(stream) : constant,
    );
  }
  return { config, head: "language", weights: flatten(config, weights) };
}

/**
 * A reward model that starts from a policy: the policy's trunk, and in place of its unembedding a linear
 * head with standard deviation 1 / sqrt(d + 1) (Stiennon et al., arXiv 2009.01325).
 */
export function rewardModelFrom({ config, weights }: Model, stream: RandomStream): Model {
  const deviation = 1 / Math.sqrt(config.hidden_size + 1);
  const { "embed_out.weight": _, ...trunk } = unflatten(config, weights);
  const score = Float32Array.from({ length: config.hidden_size }, () => deviation * normal(stream));
  return {
    config,
    head: "reward",
    weights: flatten(config, { ...trunk, "score.weight": score }, "reward"),
  };
}
