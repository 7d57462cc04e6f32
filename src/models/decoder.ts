import { tf } from "../tensors/backend.ts";
import { type Head, type Model, type NeoXConfig, parameterShapes, sizeOf } from "./gpt-neox.ts";
import { gelu, linear, normalise, type Rotary, rotaryPairing, rotaryTables, rotate } from "./layers.ts";

/** A model on the device: its parameters by Hugging Face name. */
export interface Network {
  readonly config: NeoXConfig;
  readonly parameters: Record<string, tf.Tensor>;
}

/** One layer's keys and values, float32 [B, heads, K, positions, head]. */
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

/** What comes before the tokens that `read` is given, and which of them are padding. */
export interface Context {
  readonly prompt?: PromptCache;
  /** Keys and values of these completions' earlier tokens, per layer. */
  readonly past?: readonly KeysValues[];
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

/** Runs `use` on a model's network inside `tf.tidy`: only tensors that `use` returns outlive it. */
export function withNetwork<T extends tf.TensorContainer>(model: Model, use: (net: Network) => T): T {
  return tf.tidy(() => use(network(model.config, tf.tensor1d(model.weights), model.head)));
}

/**
 * Reads `tokens`, int32 [B, K, S]: for each of B prompts, S further tokens of each of K completions.
 * Returns the final hidden states after the last layer norm, [B·K·S, hidden], and all layers' keys and
 * values of the completions so far.
 */
export function read(
  net: Network,
  tokens: tf.Tensor3D,
  context: Context = {},
): { hidden: tf.Tensor2D; past: KeysValues[] } {
  const past: KeysValues[] = [];
  const run = prepare(net, tokens, context);
  let x = context.embedded ?? embed(net, tokens)[0]!;
  for (let layer = 0; layer < net.config.num_hidden_layers; layer++) {
    const normal = normalise(x, net.config.layer_norm_eps);
    const { queries, own } = project(net, layer, normal, run);
    past.push(own);
    const attended = attend(queries, own, context.prompt?.layers[layer], run.mask);
    x = tf.addN([x, output(net, layer, attended), feedForward(net, layer, normal)]);
  }
  const normal = normalise(x, net.config.layer_norm_eps);
  return { hidden: affine(net, "gpt_neox.final_layer_norm", normal), past };
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
  readonly past: readonly KeysValues[] | undefined;
  /** Added to attention scores: 0 where a token may look, very negative where it may not. */
  readonly mask: tf.Tensor | undefined;
}

const HIDDEN_FROM_VIEW = -1e9;

function prepare(net: Network, tokens: tf.Tensor3D, { prompt, past, attention }: Context): Run {
  const [, , steps] = tokens.shape;
  const before = past?.[0]?.keys.shape[3] ?? 0;
  return {
    shape: tokens.shape,
    rotary: rotaryAt(net.config, steps, before, prompt, attention),
    past,
    mask: attentionMask(steps, before, prompt, attention),
  };
}

/** Rotary tables of the positions being read; padding takes no position. */
function rotaryAt(
  config: NeoXConfig,
  steps: number,
  before: number,
  prompt: PromptCache | undefined,
  attention: tf.Tensor2D | undefined,
): Rotary {
  const head = config.hidden_size / config.num_attention_heads;
  const rotated = Math.floor(head * config.rotary_pct);
  const start = before + (prompt?.length ?? 0);
  const tables = rotaryTables(start + steps, head, rotated, config.rotary_emb_base);
  const pairing = tf.tensor2d(rotaryPairing(head, rotated), [head, head]);
  const padded = prompt?.attention ?? attention;
  if (padded === undefined) {
    const rows = (table: Float32Array) => tf.tensor2d(table.subarray(start * head), [steps, head]);
    return { cos: rows(tables.cos), sin: rows(tables.sin), pairing };
  }
  const positions =
    attention === undefined
      ? tf.add(tf.sum(padded, 1, true), tf.range(before, before + steps))
      : tf.relu(tf.sub(tf.cumsum(attention, 1), 1));
  const batch = padded.shape[0];
  const rows = (table: Float32Array) =>
    tf
      .gather(tf.tensor2d(table, [start + steps, head]), positions.reshape([-1]).toInt())
      .reshape([batch, 1, 1, steps, head]);
  return { cos: rows(tables.cos), sin: rows(tables.sin), pairing };
}

/** The additive mask over [prompt | completion] positions, or nothing where every token may look everywhere. */
function attentionMask(
  steps: number,
  before: number,
  prompt: PromptCache | undefined,
  attention: tf.Tensor2D | undefined,
): tf.Tensor | undefined {
  const own = before + steps;
  const length = prompt?.length ?? 0;
  const padded = prompt?.attention ?? attention;
  if (steps === 1 && padded === undefined) return undefined;
  const causal = new Float32Array(steps * (length + own));
  for (let step = 0; step < steps; step++) {
    for (let later = before + step + 1; later < own; later++) {
      causal[step * (length + own) + length + later] = HIDDEN_FROM_VIEW;
    }
  }
  const mask = tf.tensor2d(causal, [steps, length + own]);
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

function affine(net: Network, name: string, normal: tf.Tensor2D): tf.Tensor2D {
  const { [`${name}.weight`]: gain, [`${name}.bias`]: shift } = net.parameters;
  return tf.add<tf.Tensor2D>(tf.mul(normal, gain!), shift!);
}

/** Queries [B, heads, K, S, head], scaled and rotated, and keys and values of the completions so far. */
function project(net: Network, layer: number, normal: tf.Tensor2D, { shape, rotary, past }: Run) {
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
  const earlier = past?.[layer];
  return {
    queries: tf.mul(queries!, 1 / Math.sqrt(head)),
    own:
      earlier === undefined
        ? { keys: keys!, values }
        : { keys: tf.concat([earlier.keys, keys!], 3), values: tf.concat([earlier.values, values], 3) },
  };
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
