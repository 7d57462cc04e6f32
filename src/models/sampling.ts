import { tf } from "../tensors/backend.ts";
import { type RandomStream, uniform } from "../tensors/random.ts";
import { groupsAtOnce, padPrompts } from "./batch.ts";
import {
  type KeysValues,
  type Network,
  network,
  type PromptCache,
  read,
  readPrompts,
  unembed,
} from "./decoder.ts";
import type { Model } from "./gpt-neox.ts";

/** A prompt to complete. */
export interface SamplingRequest {
  /** Token ids, not empty. */
  readonly prompt: readonly number[];
  /** For each token the one that must follow it, or -1 where the policy decides; absent where it always does. */
  readonly copies?: Int32Array;
  /** Where this prompt's randomness comes from; not needed at temperature 0. */
  readonly stream?: RandomStream;
}

/** How to sample. */
export interface SamplingOptions {
  /** Completions per prompt, K. */
  readonly completions: number;
  /** 0 takes the most likely token; else logits are divided by it. */
  readonly temperature: number;
  /** The longest completion, in tokens, `eos` included. */
  readonly maxTokens: number;
  readonly eos: number;
  readonly pad: number;
  /** The most sequences that are advanced in one call; results depend on it by rounding at most. */
  readonly sequencesAtOnce?: number;
  /** Stops sampling with an error once aborted. */
  readonly signal?: AbortSignal;
  /** Called after each group of prompts with how many are done. */
  readonly onProgress?: (prompts: number) => void;
}

/**
 * Samples K completions for each request: token ids, ending with `eos` where it came within `maxTokens`.
 * Each prompt is read once and shared by its completions; each token costs one cached forward pass. A
 * prompt's samples depend on its own stream only. Throws where a request cannot be sampled.
 */
export async function sample(
  model: Model,
  requests: readonly SamplingRequest[],
  options: SamplingOptions,
): Promise<number[][][]> {
  refuseBadRequests(model, requests, options);
  const { completions, sequencesAtOnce = 1536 } = options;
  const longest = requests.reduce((most, { prompt }) => Math.max(most, prompt.length), 1);
  const promptsAtOnce = Math.min(
    Math.max(1, Math.floor(sequencesAtOnce / completions)),
    groupsAtOnce(model.config, longest, completions, 1),
  );
  const flat = tf.tensor1d(model.weights);
  const samples: number[][][] = [];
  try {
    for (let start = 0; start < requests.length; start += promptsAtOnce) {
      if (options.signal?.aborted) throw new Error(`Sampling was stopped after ${start} prompts.`);
      const group = requests.slice(start, start + promptsAtOnce);
      samples.push(...tf.tidy(() => sampleGroup(network(model.config, flat), group, options)));
      options.onProgress?.(samples.length);
      await new Promise(setImmediate);
    }
  } finally {
    flat.dispose();
  }
  return samples;
}

function refuseBadRequests(model: Model, requests: readonly SamplingRequest[], options: SamplingOptions) {
  if (!(options.temperature >= 0)) {
    throw new Error(`The temperature must be 0 or more, but is ${options.temperature}: give 0 for greedy.`);
  }
  const room = model.config.max_position_embeddings - options.maxTokens + 1;
  for (const [row, { prompt, stream }] of requests.entries()) {
    if (prompt.length === 0) throw new Error(`Prompt ${row} is empty: give at least one token.`);
    if (prompt.length > room) {
      throw new Error(
        `Prompt ${row} has ${prompt.length} tokens, but the model's context of ` +
          `${model.config.max_position_embeddings} leaves ${room} beside ${options.maxTokens} new ones: shorten it.`,
      );
    }
    if (options.temperature > 0 && stream === undefined) {
      throw new Error(`Prompt ${row} has no random stream, which sampling at a temperature above 0 needs.`);
    }
  }
}

function sampleGroup(
  net: Network,
  group: readonly SamplingRequest[],
  options: SamplingOptions,
): number[][][] {
  const { completions, maxTokens, eos, pad } = options;
  const rows = group.length;
  const results = group.map(() => Array.from({ length: completions }, (): number[] => []));
  const { prompts, attention } = padPrompts(
    group.map(({ prompt }) => prompt.slice(0, -1)),
    pad,
  );
  const prompt = prompts && readPrompts(net, prompts, { attention });
  const next = new Int32Array(rows * completions);
  for (const [row, request] of group.entries()) {
    next.fill(request.prompt.at(-1)!, row * completions, (row + 1) * completions);
  }
  const done = new Uint8Array(rows * completions);
  let past: KeysValues[] | undefined;
  for (let step = 0; step < maxTokens && done.includes(0); step++) {
    const advanced = advance(net, next, [rows, completions], { prompt, past }, group, options);
    past = advanced.past;
    for (let index = 0; index < next.length; index++) {
      const row = Math.floor(index / completions);
      const forced = step === 0 ? -1 : (group[row]!.copies?.[next[index]!] ?? -1);
      const token = done[index] ? pad : forced === -1 ? advanced.tokens[index]! : forced;
      next[index] = token;
      if (!done[index]) results[row]![index % completions]!.push(token);
      if (token === eos) done[index] = 1;
    }
  }
  return results;
}

/** One cached forward pass of all sequences: the tokens the policy would take next, and the longer cache. */
function advance(
  net: Network,
  last: Int32Array,
  [rows, completions]: [number, number],
  context: { prompt?: PromptCache; past?: KeysValues[] },
  group: readonly SamplingRequest[],
  { temperature }: SamplingOptions,
): { tokens: Int32Array; past: KeysValues[] } {
  const draws = temperature > 0 ? noise(group, completions) : undefined;
  let tokens: Int32Array | undefined;
  const caches = tf.tidy(() => {
    const { hidden, past } = read(net, tf.tensor3d(last.slice(), [rows, completions, 1], "int32"), context);
    const logits = unembed(net, hidden);
    const picked = draws === undefined ? tf.argMax(logits, 1) : pick(tf.div(logits, temperature), draws);
    tokens = picked.dataSync() as Int32Array;
    return past.map(({ keys, values }) => [keys, values]);
  });
  if (context.past !== undefined) tf.dispose(context.past.map(({ keys, values }) => [keys, values]));
  return { tokens: tokens!, past: caches.map(([keys, values]) => ({ keys: keys!, values: values! })) };
}

/** One number uniform in [0, 1) per completion, each prompt's from its own stream, with float32's 24 bits. */
function noise(group: readonly SamplingRequest[], completions: number): Float32Array {
  return Float32Array.from(
    { length: group.length * completions },
    (_, index) => Math.floor(uniform(group[Math.floor(index / completions)]!.stream!) * 2 ** 24) / 2 ** 24,
  );
}

/** Inverts each row's cumulative distribution: `logits` [N, V] and `draws` in [0, 1) [N] → int32 [N]. */
function pick(logits: tf.Tensor2D, draws: Float32Array): tf.Tensor1D {
  const cumulative = tf.cumsum(tf.softmax(logits), 1);
  const total = tf.max(cumulative, 1, true);
  const below = tf.lessEqual(cumulative, tf.mul(tf.tensor2d(draws, [draws.length, 1]), total));
  return tf.minimum(tf.sum(below.toInt(), 1), logits.shape[1] - 1).toInt() as tf.Tensor1D;
}
