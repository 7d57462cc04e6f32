import { tf } from "../tensors/backend.ts";
import { writeRows } from "../tensors/in-place.ts";
import { type Head, type Model, type NeoXConfig, parameterShapes, sizeOf } from "./gpt-neox.ts";
import { gelu, linear, normalise, type Rotary, rotaryPairing, rotaryTables, rotate } from "./layers.ts";

/** A model on the device: its parameters by Hugging Face name. */
export interface Network {
  readonly config: NeoXConfig;
  readonly parameters: Record<string, tf.Tensor>;
}

/** One layer's keys and values, float32 [B, heads, K, positions, head] unless told otherwise. */
export interface KeysValues {
  readonly keys: tf.Tensor;
  readonly values: tf.Tensor;
}

/** Prompts that have been read once and are shared by all their completions. */
export interface PromptCache {
  /** Per layer, with K = 1. */
  readonly layers: readonly KeysValues[];
  /** Prompt positions, padding included. */
  readonly length: number;
  /** Where prompts are left-padded: float32 [B, length], 1 on tokens and 0 on padding. */
  readonly attention?: tf.Tensor2D;
}

/** PaddedShape for the keys and values of whole completions, of which the first `step` tokens have been read. */
export interface CompletionCache {
  /** Per layer, flat: [B·heads·K·room, head]. */
  readonly layers: readonly KeysValues[];
  /** int32 scalar. */
  readonly step: tf.Tensor;
  readonly room: number;
}

/** What comes before the tokens that `read` is given, and which of them are padding. */
export interface Context {
  readonly prompt?: PromptCache;
  /** These completions' earlier tokens, where one more of each is read. */
  readonly cache?: CompletionCache;
  /** float32 [B, S], 1 on tokens and 0 on left padding; only without `prompt` and with K = 1. */
  readonly attention?: tf.Tensor2D;
  /** The tokens' embeddings, [B·K·S, hidden], where they have been looked up already. */
  readonly embedded?: tf.Tensor2D;
}

/** Differentiable views of a flat parameter vector [n], by name. */
export function network(config: NeoXConfig, flat: tf.Tensor1D, head: Head = "language"): Network {
  const shapes = Object.entries(parameterShapes(config, head));
  const parts = tf.split(
    flat,
    shapes.map(([, shape]) => sizeOf(shape)),
  );
  const parameters: Record<string, tf.Tensor> = {};
  for (const [index, [name, shape]] of shapes.entries()) {
    parameters[name] = shape.length === 1 ? parts[index]! : parts[index]!.reshape(shape);
  }
  return { config, parameters };
}

/** A model's parameters on the device, float32 [n], as a variable that the caller disposes. */
export function flatVariable(weights: Float32Array): tf.Variable<tf.Rank.R1> {
  return tf.tidy(() => tf.variable(tf.tensor1d(weights), false)) as tf.Variable<tf.Rank.R1>;
}

/** Runs `use` on a model's network inside `tf.tidy`: only tensors that `use` returns outlive it. */
export function withNetwork<T extends tf.TensorContainer>(model: Model, use: (net: Network) => T): T {
  return tf.tidy(() => use(network(model.config, tf.tensor1d(model.weights), model.head)));
}

/**
 * Reads `tokens`, int32 [B, K, S]: for each of B prompts, S further tokens of each of K completions; S = 1 with a
 * cache. Returns the final hidden states after the last layer norm, [B·K·S, hidden], and the layers of the cache
 * with these tokens in them.
 */
export function read(
  net: Network,
  tokens: tf.Tensor3D,
  context: Context = {},
): { hidden: tf.Tensor2D; layers: KeysValues[] } {
  const layers: KeysValues[] = [];
  const run = prepare(net, tokens, context);
  let x = context.embedded ?? embed(net, tokens)[0]!;
  for (let layer = 0; layer < net.config.num_hidden_layers; layer++) {
    const normal = normalise(x, net.config.layer_norm_eps);
    const { queries, own } = project(net, layer, normal, run);
    if (context.cache !== undefined) layers.push(store(context.cache, layer, own));
    const seen = context.cache === undefined ? own : unfold(layers[layer]!, own.keys.shape);
    const attended = attend(queries, seen, context.prompt?.layers[layer], run.mask);
    x = tf.addN([x, output(net, layer, attended), feedForward(net, layer, normal)]);
  }
  const normal = normalise(x, net.config.layer_norm_eps);
  return { hidden: affine(net, "gpt_neox.final_layer_norm", normal), layers };
}

/**
 * Reads prompts once, to be continued by `read`. `prompts` int32 [B, P], left-padded where `attention`
 * [B, P] is 0. The last layer stops at its keys and values: nothing else of it is used.
 */
export function readPrompts(
  net: Network,
  prompts: tf.Tensor2D,
  { attention, embedded }: Pick<Context, "attention" | "embedded"> = {},
): PromptCache {
  const [rows, length] = prompts.shape;
  const tokens = prompts.reshape<tf.Tensor3D>([rows, 1, length]);
  const run = prepare(net, tokens, { attention });
  const layers: KeysValues[] = [];
  let x = embedded ?? embed(net, tokens)[0]!;
  for (let layer = 0; layer < net.config.num_hidden_layers; layer++) {
    const normal = normalise(x, net.config.layer_norm_eps);
    const { queries, own } = project(net, layer, normal, run);
    layers.push(own);
    if (layer === net.config.num_hidden_layers - 1) break;
    x = tf.addN([
      x,
      output(net, layer, attend(queries, own, undefined, run.mask)),
      feedForward(net, layer, normal),
    ]);
  }
  return { layers, length, attention };
}

/**
 * Next-token logits at every position, float32 [B, T, vocabulary], of `tokens` int32 [B, T], left-padded
 * where `attention` float32 [B, T] is 0.
 */
export function logits(net: Network, tokens: tf.Tensor2D, attention?: tf.Tensor2D): tf.Tensor3D {
  const [rows, length] = tokens.shape;
  const { hidden } = read(net, tokens.reshape([rows, 1, length]), { attention });
  return unembed(net, hidden).reshape([rows, length, net.config.vocab_size]);
}

/** Hidden states [N, hidden] to logits [N, vocabulary]. */
export function unembed(net: Network, hidden: tf.Tensor2D): tf.Tensor2D {
  return linear(hidden, net.parameters["embed_out.weight"]!);
}

/** The embeddings of each of several tensors of tokens, [their size, hidden], looked up at once. */
export function embed(net: Network, ...tokens: tf.Tensor[]): tf.Tensor2D[] {
  const flat = tokens.map((one) => one.flatten() as tf.Tensor1D);
  const table = net.parameters["gpt_neox.embed_in.weight"] as tf.Tensor2D;
  if (flat.length === 1) return [tf.gather(table, flat[0]!)];
  return tf.split(
    tf.gather<tf.Tensor2D>(table, tf.concat(flat)),
    flat.map(({ size }) => size),
  );
}

interface Run {
  /** B, K and S of the tokens being read. */
  readonly shape: readonly [number, number, number];
  readonly rotary: Rotary;
  /** Added to attention scores: 0 where a token may look, very negative where it may not. */
  readonly mask: tf.Tensor | undefined;
}

const HIDDEN_FROM_VIEW = -1e9;

function prepare(net: Network, tokens: tf.Tensor3D, context: Context): Run {
  const [, , steps] = tokens.shape;
  return {
    shape: tokens.shape,
    rotary: rotaryAt(net.config, steps, context),
    mask: attentionMask(steps, context),
  };
}

/** Rotary tables of the positions being read; padding takes no position. */
function rotaryAt(config: NeoXConfig, steps: number, { prompt, cache, attention }: Context): Rotary {
  const head = config.hidden_size / config.num_attention_heads;
  const rotated = Math.floor(head * config.rotary_pct);
  const start = prompt?.length ?? 0;
  const length = start + (cache?.room ?? steps);
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
  const batch = padded?.shape[0] ?? 1;
  const rows = (table: Float32Array) =>
    tf
      .gather(tf.tensor2d(table, [length, head]), positions.reshape([-1]).toInt())
      .reshape([batch, 1, 1, steps, head]);
  return { cos: rows(tables.cos), sin: rows(tables.sin), pairing };
}

/** The additive mask over [prompt | completion] positions, or nothing where every token may look everywhere. */
function attentionMask(steps: number, { prompt, cache, attention }: Context): tf.Tensor | undefined {
  const own = cache?.room ?? steps;
  const length = prompt?.length ?? 0;
  const padded = prompt?.attention ?? attention;
  if (own === 1 && padded === undefined) return undefined;
  const mask = cache === undefined ? causalMask(steps, length) : cacheMask(cache, length);
  if (padded === undefined) return mask;
  const hidden: tf.Tensor2D = tf.mul(tf.sub(1, padded), HIDDEN_FROM_VIEW);
  const beside =
    prompt === undefined
      ? hidden
      : tf.pad2d(hidden, [
          [0, 0],
          [0, own],
        ]);
  return tf.add(mask, beside.reshape([padded.shape[0], 1, 1, 1, length + own]));
}

/** [steps, prompt + steps]: each token sees the prompt, those before it and itself. */
function causalMask(steps: number, prompt: number): tf.Tensor2D {
  const width = prompt + steps;
  const mask = new Float32Array(steps * width);
  for (let step = 0; step < steps; step++) {
    mask.fill(HIDDEN_FROM_VIEW, step * width + prompt + step + 1, (step + 1) * width);
  }
  return tf.tensor2d(mask, [steps, width]);
}

/** [1, prompt + room]: the token at `step` sees the prompt, those before it and itself. */
function cacheMask({ step, room }: CompletionCache, prompt: number): tf.Tensor2D {
  const later = tf.greater(tf.range(0, room, 1, "int32"), step);
  const own = tf.mul(later.toFloat(), HIDDEN_FROM_VIEW);
  return tf.concat([tf.zeros([prompt]), own]).reshape([1, prompt + room]);
}

/** A layer of the cache with a token's keys and values in their place; the layer as it was is gone. */
function store(
  { layers, step, room }: CompletionCache,
  layer: number,
  { keys, values }: KeysValues,
): KeysValues {
  const head = keys.shape.at(-1)!;
  const sequences = keys.size / head;
  const rows = tf.add(tf.range(0, sequences * room, room, "int32"), step);
  const put = (into: tf.Tensor, fresh: tf.Tensor) => writeRows(into, rows, fresh.reshape([sequences, head]));
  return { keys: put(layers[layer]!.keys, keys), values: put(layers[layer]!.values, values) };
}

/** A layer of the cache as [B, heads, K, room, head]. */
function unfold({ keys, values }: KeysValues, [rows, heads, completions, , head]: number[]): KeysValues {
  const shape = [rows!, heads!, completions!, -1, head!];
  return { keys: keys.reshape(shape), values: values.reshape(shape) };
}

function affine(net: Network, name: string, normal: tf.Tensor2D): tf.Tensor2D {
  const { [`${name}.weight`]: gain, [`${name}.bias`]: shift } = net.parameters;
  return tf.add<tf.Tensor2D>(tf.mul(normal, gain!), shift!);
}

/** Queries [B, heads, K, S, head], scaled and rotated, and these tokens' keys and values. */
function project(net: Network, layer: number, normal: tf.Tensor2D, { shape, rotary }: Run) {
  const { hidden_size: hidden, num_attention_heads: heads } = net.config;
  const at = `gpt_neox.layers.${layer}`;
  const {
    [`${at}.attention.query_key_value.weight`]: weight,
    [`${at}.attention.query_key_value.bias`]: bias,
  } = net.parameters;
  const [rows, completions, steps] = shape;
  const head = hidden / heads;
  const fused = linear(affine(net, `${at}.input_layernorm`, normal), weight!, bias)
    .reshape([rows, completions, steps, heads, 3, head])
    .transpose([4, 0, 3, 1, 2, 5]);
  const [rawQueriesKeys, rawValues] = tf.split(fused, [2, 1]);
  const [queries, keys] = tf.unstack(rotate(rawQueriesKeys!, rotary));
  const values = rawValues!.squeeze([0]);
  return { queries: tf.mul(queries!, 1 / Math.sqrt(head)), own: { keys: keys!, values } };
}

/** Attention of queries [B, heads, K, S, head] over the shared prompt and their own completion. */
function attend(
  queries: tf.Tensor,
  own: KeysValues,
  prompt: KeysValues | undefined,
  mask: tf.Tensor | undefined,
): tf.Tensor {
  const [rows, heads, completions, steps, head] = queries.shape as [number, number, number, number, number];
  const masked = (scores: tf.Tensor) => tf.softmax(mask === undefined ? scores : tf.add(scores, mask));
  const ownScores = tf.matMul(queries, own.keys, false, true);
  if (prompt === undefined) return tf.matMul(masked(ownScores), own.values);
  const length = prompt.keys.shape[3]!;
  const shared = (tensor: tf.Tensor) => tensor.reshape([rows, heads, -1, tensor.shape.at(-1)!]);
  const promptScores = tf
    .matMul(shared(queries), shared(prompt.keys), false, true)
    .reshape([rows, heads, completions, steps, length]);
  const [onPrompt, onOwn] = tf.split(
    masked(tf.concat([promptScores, ownScores], -1)),
    [length, own.keys.shape[3]!],
    -1,
  );
  const fromPrompt = tf.matMul(shared(onPrompt!), shared(prompt.values));
  return tf.add(fromPrompt.reshape([rows, heads, completions, steps, head]), tf.matMul(onOwn!, own.values));
}

function output(net: Network, layer: number, attended: tf.Tensor): tf.Tensor2D {
  const at = `gpt_neox.layers.${layer}.attention.dense`;
  const { [`${at}.weight`]: weight, [`${at}.bias`]: bias } = net.parameters;
  const merged = attended.transpose([0, 2, 3, 1, 4]).reshape<tf.Tensor2D>([-1, net.config.hidden_size]);
  return linear(merged, weight!, bias);
}

function feedForward(net: Network, layer: number, normal: tf.Tensor2D): tf.Tensor2D {
  const at = `gpt_neox.layers.${layer}`;
  const weightOf = (name: string) => net.parameters[`${at}.mlp.${name}.weight`]!;
  const biasOf = (name: string) => net.parameters[`${at}.mlp.${name}.bias`]!;
  const inner = linear(
    affine(net, `${at}.post_attention_layernorm`, normal),
    weightOf("dense_h_to_4h"),
    biasOf("dense_h_to_4h"),
  );
  return linear(gelu(inner), weightOf("dense_4h_to_h"), biasOf("dense_4h_to_h"));
}
