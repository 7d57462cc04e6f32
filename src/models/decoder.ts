import { tf } from "../tensors/backend.ts";
import { matMul } from "../tensors/matrix-products.ts";
import { activations } from "./activations.ts";
import type { CompletionCache, KeysValues } from "./completion-cache.ts";
import { type Head, type Model, type NeoXConfig, parameterShapes, sizeOf, vectorsOf } from "./gpt-neox.ts";
import { linear, MASKED, normalise, type Rotary, rotaryPairing, rotaryTables, rotate } from "./layers.ts";

/** A model on the device: its parameters by Hugging Face name. */
export interface Network {
  readonly config: NeoXConfig;
  readonly parameters: Record<string, tf.Tensor>;
  /** How log-likelihoods and their gradients take less memory. */
  readonly savings?: MemorySavings;
}

/** What takes less memory and more time. Results differ by rounding at most. */
export interface MemorySavings {
  /** Whether a gradient computes the activations of each layer again from the layer's input, instead of keeping them. */
  readonly recompute?: boolean;
  /** The number of ids whose logits are computed at a time; default all. */
  readonly vocabularyChunk?: number;
  /** The most parameters, or else one tensor's, that training updates at a time; default 2^24. */
  readonly updateChunk?: number;
}

/** The keys and values of prompts, computed once and shared by all their completions. */
export interface PromptCache {
  /** Per layer, with K = 1. */
  readonly layers: readonly KeysValues[];
  /** Prompt positions, padding included. */
  readonly length: number;
  /** float32 [B, length], 1 on tokens and 0 on left padding; absent if nothing is padded. */
  readonly attention?: tf.Tensor2D;
}

/** What `forward` attends to besides its own tokens. */
export interface ForwardOptions {
  readonly prompt?: PromptCache;
  /** The completions' earlier tokens; then S = 1. */
  readonly cache?: CompletionCache;
  /** float32 [B, S], 1 on tokens and 0 on left padding; only without `prompt` and with K = 1. */
  readonly attention?: tf.Tensor2D;
  /** The tokens' embeddings, [B·K·S, hidden], if already computed. */
  readonly embedded?: tf.Tensor2D;
}

/** Differentiable views of a flat parameter vector [n], or of several as `vectorsOf` gives them, by name. */
export function network(
  config: NeoXConfig,
  flat: tf.Tensor1D | readonly tf.Tensor1D[],
  head: Head = "language",
): Network {
  const shapes = Object.entries(parameterShapes(config, head));
  const parameters: Record<string, tf.Tensor> = {};
  for (const vector of Array.isArray(flat) ? (flat as tf.Tensor1D[]) : [flat as tf.Tensor1D]) {
    const sizes = sizesIn(vector.size, shapes);
    // The gradient of a split into one part fails in tfjs.
    for (const [index, part] of (sizes.length === 1 ? [vector] : tf.split(vector, sizes)).entries()) {
      const [name, shape] = shapes[index]!;
      parameters[name] = shape.length === 1 ? part : part.reshape(shape);
    }
    shapes.splice(0, sizes.length);
  }
  return { config, parameters };
}

/** The sizes of the first of `shapes` that together have `total` elements; of all if `total` is not their size. */
function sizesIn(total: number, shapes: readonly (readonly [string, readonly number[]])[]): number[] {
  const sizes: number[] = [];
  let rest = total;
  for (const [, shape] of shapes) {
    if (rest === 0) break;
    sizes.push(sizeOf(shape));
    rest -= sizeOf(shape);
  }
  return sizes;
}

/** A parameter by its Hugging Face name. Throws if the model has none of that name. */
export function parameter({ parameters }: Network, name: string): tf.Tensor {
  const found = parameters[name];
  if (found === undefined) throw new Error(`The model has no parameter ${name}: use one with that head.`);
  return found;
}

/** A model's parameters on the device, float32 [n], as a variable that the caller disposes. */
export function flatVariable(weights: Float32Array): tf.Variable<tf.Rank.R1> {
  return tf.tidy(() => tf.variable(tf.tensor1d(weights), false)) as tf.Variable<tf.Rank.R1>;
}

/** All vectors of a model's parameters as variables on the device, which the caller disposes. */
export function deviceVariables(model: Model): tf.Variable<tf.Rank.R1>[] {
  return vectorsOf(model).map(flatVariable);
}

/** All vectors of a model's parameters on the device. */
export function deviceVectors(model: Model): tf.Tensor1D[] {
  return vectorsOf(model).map((vector) => tf.tensor1d(vector));
}

/**
 * Final hidden states, after the last layer norm, of `tokens` int32 [B, K, S]: S tokens of each of K completions of
 * B prompts → float32 [B·K·S, hidden].
 */
export function forward(net: Network, tokens: tf.Tensor3D, options: ForwardOptions = {}): tf.Tensor2D {
  const { num_hidden_layers: layers, layer_norm_eps: epsilon } = net.config;
  const context = forwardContext(net.config, tokens, options);
  let x = options.embedded ?? embed(net, tokens);
  for (let layer = 0; layer < layers; layer++) {
    const normal = normalise(x, epsilon);
    const { queries, own } = project(net, layer, normal, context);
    const completion = options.cache?.append(layer, own) ?? own;
    const attended = attend(queries, completion, options.prompt?.layers[layer], context.mask);
    x = addResiduals(net, layer, x, normal, attended);
  }
  return affine(net, "gpt_neox.final_layer_norm", normalise(x, epsilon));
}

/**
 * The keys and values of prompts, to be continued by `forward`. `prompts` int32 [B, P], left-padded where
 * `attention` [B, P] is 0. Skips the part of the last layer that no later token attends to.
 */
export function prefill(
  net: Network,
  prompts: tf.Tensor2D,
  { attention, embedded }: Pick<ForwardOptions, "attention" | "embedded"> = {},
): PromptCache {
  const [rows, length] = prompts.shape;
  const tokens = prompts.reshape<tf.Tensor3D>([rows, 1, length]);
  const context = forwardContext(net.config, tokens, { attention });
  const layers: KeysValues[] = [];
  let x = embedded ?? embed(net, tokens);
  for (let layer = 0; ; layer++) {
    const normal = normalise(x, net.config.layer_norm_eps);
    const { queries, own } = project(net, layer, normal, context);
    layers.push(own);
    if (layers.length === net.config.num_hidden_layers) return { layers, length, attention };
    x = addResiduals(net, layer, x, normal, attend(queries, own, undefined, context.mask));
  }
}

/** Hidden states [N, hidden] to logits [N, vocabulary]. */
export function unembed(net: Network, hidden: tf.Tensor2D): tf.Tensor2D {
  return linear(hidden, unembedding(net));
}

/** The matrix of `unembed`, [vocabulary, hidden]. */
export function unembedding(net: Network): tf.Tensor2D {
  const isTied = net.config.tie_word_embeddings && net.parameters["score.weight"] === undefined;
  return parameter(net, isTied ? "gpt_neox.embed_in.weight" : "embed_out.weight") as tf.Tensor2D;
}

/** Embeddings of `tokens`, [their number, hidden]. */
export function embed(net: Network, tokens: tf.Tensor): tf.Tensor2D {
  return tf.gather(parameter(net, "gpt_neox.embed_in.weight") as tf.Tensor2D, tokens.flatten());
}

/** The attention mask and the rotary tables of one forward pass. */
export interface ForwardContext {
  /** B, K and S. */
  readonly shape: readonly [number, number, number];
  readonly rotary: Rotary;
  /** Added to attention scores: 0 where a token may attend, `MASKED` where it may not. */
  readonly mask: tf.Tensor | undefined;
}

/** The attention mask and the rotary tables of `tokens` int32 [B, K, S]. */
export function forwardContext(
  config: NeoXConfig,
  { shape }: Pick<tf.Tensor3D, "shape">,
  options: ForwardOptions,
): ForwardContext {
  return { shape, rotary: rotaryAt(config, shape[2], options), mask: attentionMask(shape[2], options) };
}

/** Rotary tables of the `steps` current positions; padding takes no position. */
function rotaryAt(config: NeoXConfig, steps: number, { prompt, cache, attention }: ForwardOptions): Rotary {
  const head = config.hidden_size / config.num_attention_heads;
  const rotated = Math.floor(head * config.rotary_pct);
  const start = prompt?.length ?? 0;
  const length = start + (cache?.length ?? steps);
  const tables = rotaryTables(length, head, rotated, config.rotary_emb_base);
  const pairing = tf.tensor2d(rotaryPairing(head, rotated), [head, head]);
  const padded = prompt?.attention ?? attention;
  if (padded === undefined && cache === undefined) {
    const rows = (table: Float32Array) => tf.tensor2d(table.subarray(start * head), [steps, head]);
    return { cos: rows(tables.cos), sin: rows(tables.sin), pairing };
  }
  const further = cache === undefined ? tf.range(0, steps) : cache.step.toFloat();
  const positions =
    attention === undefined
      ? tf.add(padded === undefined ? start : tf.sum(padded, 1, true), further)
      : tf.relu(tf.sub(tf.cumsum(attention, 1), 1));
  const shape = [padded?.shape[0] ?? 1, 1, 1, steps, head];
  const rows = (table: Float32Array) =>
    tf
      .gather(tf.tensor2d(table, [length, head]), positions.reshape<tf.Tensor1D>([-1]).toInt())
      .reshape(shape);
  return { cos: rows(tables.cos), sin: rows(tables.sin), pairing };
}

/** The additive mask over [prompt | completion] positions, or undefined if every token attends to all. */
function attentionMask(steps: number, { prompt, cache, attention }: ForwardOptions): tf.Tensor | undefined {
  const own = cache?.length ?? steps;
  const length = prompt?.length ?? 0;
  const padded = prompt?.attention ?? attention;
  if (own === 1 && padded === undefined) return undefined;
  const mask = cache?.mask(length) ?? causalMask(steps, length);
  if (padded === undefined) return mask;
  const padding: tf.Tensor2D = tf.mul(tf.sub(1, padded), MASKED);
  const whole =
    prompt === undefined
      ? padding
      : padding.pad([
          [0, 0],
          [0, own],
        ]);
  return tf.add(mask, whole.reshape([padded.shape[0], 1, 1, 1, length + own]));
}

/** [steps, prompt + steps]: each token attends to the prompt, the tokens before it and itself. */
function causalMask(steps: number, prompt: number): tf.Tensor2D {
  const width = prompt + steps;
  const mask = new Float32Array(steps * width);
  for (let step = 0; step < steps; step++)
    mask.fill(MASKED, step * width + prompt + step + 1, (step + 1) * width);
  return tf.tensor2d(mask, [steps, width]);
}

/** A layer norm's affine part. */
export function affine(net: Network, name: string, normal: tf.Tensor2D): tf.Tensor2D {
  return tf.add(tf.mul(normal, parameter(net, `${name}.weight`)), parameter(net, `${name}.bias`));
}

/** A linear map with its bias, which attention's may lack. */
function dense(net: Network, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return linear(x, parameter(net, `${name}.weight`), net.parameters[`${name}.bias`]);
}

/**
 * A dense layer of a layer norm's result, γ ⊙ x + β. With more rows than outputs it is less work to apply γ and β to the
 * weights: W (γ ⊙ x + β) + b = (W ⊙ γ) x + (W β + b).
 */
function normedDense(net: Network, name: string, norm: string, x: tf.Tensor2D): tf.Tensor2D {
  const weight = parameter(net, `${name}.weight`) as tf.Tensor2D;
  if (x.shape[0] < weight.shape[0]) return dense(net, name, affine(net, norm, x));
  const shift = tf.matMul(weight, parameter(net, `${norm}.bias`).reshape<tf.Tensor2D>([-1, 1])).flatten();
  const scaled = tf.mul(weight, parameter(net, `${norm}.weight`));
  const bias = net.parameters[`${name}.bias`];
  return linear(x, scaled, bias === undefined ? shift : tf.add(bias, shift));
}

/** Queries [B, heads, K, S, head], scaled and rotated, and these tokens' keys and values. */
export function project(net: Network, layer: number, normal: tf.Tensor2D, { shape, rotary }: ForwardContext) {
  const { hidden_size: hidden, num_attention_heads: heads } = net.config;
  const at = `gpt_neox.layers.${layer}`;
  const head = hidden / heads;
  const fused = normedDense(net, `${at}.attention.query_key_value`, `${at}.input_layernorm`, normal)
    .reshape([...shape, heads, 3, head])
    .transpose([4, 0, 3, 1, 2, 5]);
  const [queriesKeys, rawValues] = tf.split(fused, [2, 1]) as [tf.Tensor, tf.Tensor];
  const [queries, keys] = tf.unstack(rotate(queriesKeys, rotary)) as [tf.Tensor, tf.Tensor];
  const values = rawValues.squeeze([0]);
  return { queries: tf.mul(queries, 1 / Math.sqrt(head)), own: { keys, values } };
}

/** Attention of queries [B, heads, K, S, head] over the shared prompt and their own completion. */
export function attend(
  queries: tf.Tensor,
  own: KeysValues,
  prompt: KeysValues | undefined,
  mask: tf.Tensor | undefined,
): tf.Tensor {
  const [rows, heads, completions, steps, head] = queries.shape as [number, number, number, number, number];
  const weigh = (scores: tf.Tensor) => tf.softmax(mask === undefined ? scores : tf.add(scores, mask));
  const ownScores = matMul(queries, own.keys, false, true);
  if (prompt === undefined) return matMul(weigh(ownScores), own.values);
  const length = prompt.keys.size / (rows * heads * head);
  const perPrompt = (tensor: tf.Tensor, width: number) => tensor.reshape([rows, heads, -1, width]);
  const grouped = matMul(perPrompt(queries, head), perPrompt(prompt.keys, head), false, true);
  const promptScores = grouped.reshape([rows, heads, completions, steps, length]);
  const weights = weigh(tf.concat([promptScores, ownScores], -1));
  const [onPrompt, onOwn] = tf.split(weights, [length, -1], -1) as [tf.Tensor, tf.Tensor];
  const fromPrompt = matMul(perPrompt(onPrompt, length), perPrompt(prompt.values, head));
  return tf.add(fromPrompt.reshape(queries.shape), matMul(onOwn, own.values));
}

/**
 * x + attention + MLP. The MLP reads the same layer's input as attention does (GPT-NeoX's parallel residual) or, if the
 * config says so, x + attention.
 */
export function addResiduals(
  net: Network,
  layer: number,
  x: tf.Tensor2D,
  normal: tf.Tensor2D,
  attended: tf.Tensor,
): tf.Tensor2D {
  const { hidden_size: hidden, hidden_act: act = "gelu", layer_norm_eps: epsilon } = net.config;
  const at = `gpt_neox.layers.${layer}`;
  const merged = attended.transpose([0, 2, 3, 1, 4]).reshape<tf.Tensor2D>([-1, hidden]);
  const attention = dense(net, `${at}.attention.dense`, merged);
  const mlp = (input: tf.Tensor2D) => {
    const inner = normedDense(net, `${at}.mlp.dense_h_to_4h`, `${at}.post_attention_layernorm`, input);
    return dense(net, `${at}.mlp.dense_4h_to_h`, activations[act](inner));
  };
  if (net.config.use_parallel_residual ?? true) return tf.addN([x, attention, mlp(normal)]);
  const between = tf.add<tf.Tensor2D>(x, attention);
  return tf.add(between, mlp(normalise(between, epsilon)));
}
