import { tf } from "../tensors/backend.ts";
import { type RandomStream, uniform } from "../tensors/random.ts";
import { groupsAtOnce, type PaddedShape, padPrompts } from "./batch.ts";
import { type GenerationInputs, generate } from "./generation.ts";
import type { Model } from "./gpt-neox.ts";
import { onNetwork } from "./inference.ts";

/** A prompt to complete. */
export interface SamplingRequest {
  /** Token ids, not empty. */
  readonly prompt: readonly number[];
  /** For each token the one that must follow it, or -1 where the policy decides; absent where it always does. */
  readonly forcedNext?: Int32Array;
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
  /** Whether generation runs as one TensorFlow graph; on unless told or ALLROADS_EAGER is set. */
  readonly compiled?: boolean;
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
  const room = promptRoom(requests);
  const atOnce = Math.min(
    Math.max(1, Math.floor(sequencesAtOnce / completions)),
    groupsAtOnce(model.config, room.prompt + 1, completions, 1),
  );
  const size = Math.ceil(requests.length / Math.ceil(requests.length / atOnce));
  const samples: number[][][] = [];
  for (let start = 0; start < requests.length; start += size) {
    if (options.signal?.aborted) throw new Error(`Sampling was stopped after ${start} prompts.`);
    const group = requests.slice(start, start + size);
    samples.push(...sampleGroup(model, group, size, room, options));
    options.onProgress?.(samples.length);
    await new Promise(setImmediate);
  }
  return samples;
}

function refuseBadRequests(model: Model, requests: readonly SamplingRequest[], options: SamplingOptions) {
  if (!(options.temperature >= 0)) {
    throw new Error(`The temperature must be 0 or more, but is ${options.temperature}: give 0 for greedy.`);
  }
  for (const [row, { prompt, stream }] of requests.entries()) {
    checkPrompt(model, prompt, row, options.maxTokens);
    if (options.temperature > 0 && stream === undefined) {
      throw new Error(`Prompt ${row} has no random stream, which sampling at a temperature above 0 needs.`);
    }
  }
}

/** Throws where prompt `row` is empty or leaves no room for `maxTokens` more in the model's context. */
export function checkPrompt({ config }: Model, prompt: readonly number[], row: number, maxTokens: number) {
  const room = config.max_position_embeddings - maxTokens + 1;
  if (prompt.length === 0) throw new Error(`Prompt ${row} is empty: give at least one token.`);
  if (prompt.length <= room) return;
  throw new Error(
    `Prompt ${row} has ${prompt.length} tokens, but the model's context of ` +
      `${config.max_position_embeddings} leaves ${room} beside ${maxTokens} new ones: shorten it.`,
  );
}

/** The room of all prompts but for their last tokens, so that all groups are of one shape. */
function promptRoom(requests: readonly SamplingRequest[]): PaddedShape {
  const lengths = requests.map(({ prompt }) => prompt.length - 1);
  const prompt = lengths.reduce((most, length) => Math.max(most, length), 0);
  return { prompt, completion: 0, padded: lengths.some((length) => length < prompt) };
}

const generation = onNetwork("Sampling", generate);

/** Completions of a group of requests, which takes the room of `size` of them. */
function sampleGroup(
  model: Model,
  group: readonly SamplingRequest[],
  size: number,
  room: PaddedShape,
  options: SamplingOptions,
): number[][][] {
  const { completions, maxTokens, eos } = options;
  const sequences = size * completions;
  const tokens = tf.tidy(() => {
    const inputs = generationInputs(model, group, size, room, options);
    return generation(model, inputs, options.compiled).dataSync() as Int32Array;
  });
  return group.map((_, row) =>
    Array.from({ length: completions }, (_, index) => {
      const own: number[] = [];
      for (let step = 0; step < maxTokens && own.at(-1) !== eos; step++) {
        own.push(tokens[step * sequences + row * completions + index]!);
      }
      return own;
    }),
  );
}

/**
 * Requests as `generate` takes them, with room for `size` of them, all prompts padded to `room`; draws come from each
 * request's stream in turn.
 */
export function generationInputs(
  { config }: Model,
  group: readonly SamplingRequest[],
  size: number,
  room: PaddedShape,
  { completions, maxTokens, temperature, eos, pad }: SamplingOptions,
): GenerationInputs {
  const filled = Array.from({ length: size }, (_, row) => group[row] ?? group[0]!);
  const sequences = size * completions;
  const ended = new Uint8Array(sequences).fill(1, group.length * completions);
  const integer = (value: number) => tf.scalar(value, "int32");
  return {
    ...padPrompts(
      filled.map(({ prompt }) => prompt.slice(0, -1)),
      pad,
      room,
    ),
    last: tf.tensor1d(
      filled.map(({ prompt }) => prompt.at(-1)!),
      "int32",
    ),
    forcedNext: group.some(({ forcedNext }) => forcedNext) ? copyTable(filled, config.vocab_size) : undefined,
    draws: temperature > 0 ? draws(group, sequences, completions, maxTokens) : undefined,
    temperature: tf.scalar(temperature),
    eos: integer(eos),
    pad: integer(pad),
    ended: tf.tensor1d(ended, "bool"),
    maxTokens,
  };
}

/** For each prompt the token that must follow each token, int32 [B, vocabulary], -1 where the policy decides. */
function copyTable(group: readonly SamplingRequest[], vocabulary: number): tf.Tensor2D {
  const table = new Int32Array(group.length * vocabulary).fill(-1);
  for (const [row, { forcedNext }] of group.entries())
    if (forcedNext) table.set(forcedNext, row * vocabulary);
  return tf.tensor2d(table, [group.length, vocabulary], "int32");
}

/**
 * Numbers uniform in [0, 1) with float32's 24 bits, [steps, sequences]: each prompt's from its own stream, step by
 * step, and zeros for sequences beyond those of `group`.
 */
function draws(
  group: readonly SamplingRequest[],
  sequences: number,
  completions: number,
  steps: number,
): tf.Tensor2D {
  const values = new Float32Array(steps * sequences);
  for (const [row, { stream }] of group.entries()) {
    for (let step = 0; step < steps; step++) {
      for (let index = 0; index < completions; index++) {
        values[step * sequences + row * completions + index] =
          Math.floor(uniform(stream!) * 2 ** 24) / 2 ** 24;
      }
    }
  }
  return tf.tensor2d(values, [steps, sequences]);
}
