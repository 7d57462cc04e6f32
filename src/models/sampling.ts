import type { Vocabulary } from "../tasks/task.ts";
import { device, tf } from "../tensors/backend.ts";
import { type RandomStream, uniform } from "../tensors/random.ts";
import { checkIds, decisions, type PaddedShape, paddedShape, padPrompts } from "./batch.ts";
import { deviceMemory } from "./device-memory.ts";
import { type GenerationInputs, generate, generateWithEntropies } from "./generation.ts";
import type { Model, NeoXConfig } from "./gpt-neox.ts";
import { groupsAtOnce, onModel } from "./scoring.ts";

/** A prompt to complete. */
export interface SamplingRequest {
  /** Token ids, not empty. */
  readonly prompt: readonly number[];
  /** For each token the one that must follow it, or -1 where the policy decides; default -1 for all tokens. */
  readonly forcedNext?: Int32Array;
  /** This prompt's random stream; not needed at temperature 0. */
  readonly stream?: RandomStream;
}

/** Where finished samples are kept, so that sampling that was stopped continues after them. */
export interface SampleShards {
  /** The completions of the first prompts, from earlier calls with the same arguments. */
  readonly done: readonly number[][][];
  /** Called with the completions of the prompts that follow those given so far. */
  add(samples: readonly number[][][]): void;
}

/** How to sample. */
export interface SamplingOptions {
  /** Completions per prompt, K. */
  readonly completions: number;
  /** Divides the logits; 0 is greedy decoding. */
  readonly temperature: number;
  /** The longest completion, in tokens, `eos` included. */
  readonly maxTokens: number;
  /** The end token, or −1 for none: then every completion has `maxTokens` tokens. */
  readonly eos: number;
  /** Further tokens that end a completion, of which they are the last one. */
  readonly stop?: readonly number[];
  /** Only the `topK` likeliest tokens are drawn (Fan et al., arXiv 1805.04833); default all. */
  readonly topK?: number;
  /** Only the likeliest tokens are drawn that together have at least the probability `topP` (Holtzman et al., arXiv 1904.09751). */
  readonly topP?: number;
  readonly pad: number;
  /** Only ids below it are sampled; default all that the model has, which may be more than its tokenizer. */
  readonly usedIds?: number;
  /** The most sequences generated in one call, default 1,536. Affects results by rounding at most. */
  readonly sequencesAtOnce?: number;
  /** Once aborted, sampling stops with an error. */
  readonly signal?: AbortSignal;
  /** Called after each batch with the number of prompts done. */
  readonly onProgress?: (prompts: number) => void;
  readonly shards?: SampleShards;
  /** Whether generation runs as one TensorFlow graph; default true unless ALLROADS_EAGER is set. */
  readonly compiled?: boolean;
  /** Whether XLA compiles generation, default false: seconds for each shape, repaid by many batches of that shape. */
  readonly jit?: boolean;
}

/**
 * Samples K completions for each request: token ids, ending with `eos` if it came within `maxTokens`. Each prompt is
 * prefilled once and shared by its completions; each token costs one cached forward pass. A prompt's samples depend
 * on its own stream only. Throws if a temperature, prompt or stream cannot be used.
 */
export async function sample(
  model: Model,
  requests: readonly SamplingRequest[],
  options: SamplingOptions,
): Promise<number[][][]> {
  const samples: number[][][] = [];
  const { done = [] } = options.shards ?? {};
  await inGroups(model, requests, options, (group, size, shape) => {
    const known = done.slice(samples.length, samples.length + group.length);
    const isKnown = known.length === group.length;
    const drawn = isKnown ? known : sampleGroup(model, group, size, shape, options);
    samples.push(...drawn);
    if (!isKnown) options.shards?.add(drawn);
  });
  return samples;
}

/** A prompt's completions at several temperatures. */
export interface TemperedSamples {
  /** One completion per temperature. */
  readonly completions: readonly (readonly number[])[];
  /** Per completion the entropy of the next-token distribution at each token that the policy decided, in nats. */
  readonly entropies: readonly (readonly number[])[];
}

/**
 * A completion of each request at each of `temperatures`, all with the same random numbers: what `sample` draws one
 * temperature at a time, but each prompt is read once.
 */
export async function sampleAtTemperatures(
  model: Model,
  requests: readonly SamplingRequest[],
  temperatures: readonly number[],
  options: Omit<SamplingOptions, "completions" | "temperature">,
): Promise<TemperedSamples[]> {
  const completions = temperatures.length;
  const common = { ...options, completions, temperature: 1 };
  const samples: TemperedSamples[] = [];
  await inGroups(model, requests, common, (group, size, shape) => {
    const [tokens, entropies] = tf.tidy(() => {
      const inputs = temperedInputs(model, group, size, shape, temperatures, common);
      const drawn = temperedGeneration(model, inputs, options.compiled);
      return [drawn.tokens.dataSync() as Int32Array, drawn.entropies.dataSync() as Float32Array];
    });
    const own = completionsOf(tokens, group.length, size, common);
    samples.push(
      ...group.map(({ forcedNext }, row) => ({
        completions: own[row]!,
        entropies: own[row]!.map((completion, index) =>
          decisions(completion, forcedNext).flatMap((isDecided, step) =>
            isDecided ? [entropies[(step * size + row) * completions + index]!] : [],
          ),
        ),
      })),
    );
  });
  return samples;
}

/** Checks requests and calls `complete` with groups of them, which are padded to `size` requests and to `shape`. */
async function inGroups(
  model: Model,
  requests: readonly SamplingRequest[],
  options: SamplingOptions,
  complete: (group: readonly SamplingRequest[], size: number, shape: PaddedShape) => void,
): Promise<void> {
  refuseBadRequests(model, requests, options);
  const { completions, maxTokens, sequencesAtOnce = 1536 } = options;
  const shape = paddedShape(requests.map(({ prompt }) => ({ prompt, completions: [] })));
  const atOnce = Math.min(
    Math.max(1, Math.floor(sequencesAtOnce / completions)),
    // The processor's caches hold no more; a card is limited by its memory only.
    device().kind === "cpu" ? groupsAtOnce(model.config, shape.prompt + 1, completions, 1) : Infinity,
    Math.max(
      1,
      Math.floor(deviceMemory() / 4 / generationBytes(model.config, shape.prompt, completions, maxTokens)),
    ),
  );
  const size = Math.ceil(requests.length / Math.ceil(requests.length / atOnce));
  for (let start = 0; start < requests.length; start += size) {
    if (options.signal?.aborted) throw new Error(`Sampling was stopped after ${start} prompts.`);
    const group = requests.slice(start, start + size);
    complete(group, size, shape);
    options.onProgress?.(start + group.length);
    await new Promise(setImmediate);
  }
}

/**
 * The memory in bytes that generation needs for one prompt and its completions: keys and values of `prompt` and of
 * completions · maxTokens positions, and four times the logits of the current tokens.
 */
export function generationBytes(
  { num_hidden_layers: layers, hidden_size: hidden, vocab_size: vocabulary }: NeoXConfig,
  prompt: number,
  completions: number,
  maxTokens: number,
): number {
  return 4 * (2 * layers * hidden * (prompt + completions * maxTokens) + 4 * completions * vocabulary);
}

/** What sampling needs to know of a vocabulary. */
export function samplingIds({
  size,
  eos,
  pad,
}: Vocabulary): Pick<SamplingOptions, "eos" | "pad" | "usedIds"> {
  return { eos, pad, usedIds: size };
}

/** What `eos` is if completions have no end token. */
const NO_END = -1;

function refuseBadRequests(model: Model, requests: readonly SamplingRequest[], options: SamplingOptions) {
  const { pad, eos, stop = [], topK = 1, topP = 1 } = options;
  const ends = { "the end token": eos === NO_END ? [] : [eos], "the stop tokens": stop };
  checkIds({ "the padding token": [pad], ...ends }, model.config);
  if (!(Number.isInteger(topK) && topK >= 1))
    throw new Error(`topK must be a whole number above 0, but is ${topK}: leave it out for all tokens.`);
  if (!(topP > 0 && topP <= 1))
    throw new Error(`topP must be above 0 and at most 1, but is ${topP}: leave it out for all tokens.`);
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

/**
 * Throws if prompt `row` is empty, has an id that the model lacks, or does not fit its context together with `maxTokens`
 * more tokens.
 */
export function checkPrompt({ config }: Model, prompt: readonly number[], row: number, maxTokens: number) {
  const longest = config.max_position_embeddings - maxTokens + 1;
  if (prompt.length === 0) throw new Error(`Prompt ${row} is empty: give at least one token.`);
  checkIds({ [`prompt ${row}`]: prompt }, config);
  if (prompt.length <= longest) return;
  throw new Error(
    `Prompt ${row} has ${prompt.length} tokens, but the model's context of ` +
      `${config.max_position_embeddings} leaves ${longest} beside ${maxTokens} new ones: shorten it.`,
  );
}

const generation = onModel("Sampling", generate);
const temperedGeneration = onModel("Sampling at several temperatures", generateWithEntropies);

/** Completions of a group of requests, padded to `size` requests. */
function sampleGroup(
  model: Model,
  group: readonly SamplingRequest[],
  size: number,
  shape: PaddedShape,
  options: SamplingOptions,
): number[][][] {
  const tokens = tf.tidy(() => {
    const inputs = generationInputs(model, group, size, shape, options);
    return generation(model, inputs, options.compiled).dataSync() as Int32Array;
  });
  return completionsOf(tokens, group.length, size, options);
}

/** The completions of the first `rows` of `size` requests from tokens [maxTokens, size · K]. */
function completionsOf(
  tokens: Int32Array,
  rows: number,
  size: number,
  { completions, maxTokens, eos, stop = [] }: SamplingOptions,
): number[][][] {
  const sequences = size * completions;
  const ends = new Set([eos, ...stop]);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: completions }, (_, index) => {
      const own: number[] = [];
      for (let step = 0; step < maxTokens && !ends.has(own.at(-1) ?? NaN); step++) {
        own.push(tokens[step * sequences + row * completions + index]!);
      }
      return own;
    }),
  );
}

/** The inputs of `generateWithEntropies`: the draws of one completion per request, repeated for each temperature. */
function temperedInputs(
  model: Model,
  group: readonly SamplingRequest[],
  size: number,
  shape: PaddedShape,
  temperatures: readonly number[],
  options: SamplingOptions,
): GenerationInputs {
  const perSequence = <T>(values: readonly T[]) => Array.from({ length: size }, () => values).flat();
  const single = draws(group, size, 1, options.maxTokens);
  return {
    ...generationInputs(model, group, size, shape, { ...options, temperature: 0 }),
    draws: tf.tile(single.expandDims(2), [1, 1, temperatures.length]).reshape([options.maxTokens, -1]),
    temperature: tf.tensor1d(perSequence(temperatures.map((value) => value || 1))),
    greedy: tf.tensor1d(perSequence(temperatures.map((value) => value === 0)), "bool"),
  };
}

/** Requests as inputs of `generate`: padded to `size` requests, their prompts to `shape`, with draws from their streams. */
export function generationInputs(
  { config }: Model,
  group: readonly SamplingRequest[],
  size: number,
  shape: PaddedShape,
  { completions, maxTokens, temperature, eos, stop = [], pad, usedIds, topK, topP, jit }: SamplingOptions,
): GenerationInputs {
  const padding = Array.from({ length: size - group.length }, () => group.slice(0, 1)).flat();
  const filled = [...group, ...padding];
  const sequences = size * completions;
  const ended = new Uint8Array(sequences).fill(1, group.length * completions);
  const integer = (value: number) => tf.scalar(value, "int32");
  return {
    ...padPrompts(filled, pad, shape),
    last: tf.tensor1d(
      filled.flatMap(({ prompt }) => prompt.slice(-1)),
      "int32",
    ),
    forcedNext: group.some(({ forcedNext }) => forcedNext)
      ? forcedNextTable(filled, config.vocab_size)
      : undefined,
    draws: temperature > 0 ? draws(group, sequences, completions, maxTokens) : undefined,
    temperature: tf.scalar(temperature),
    eos: integer(eos),
    pad: integer(pad),
    ended: tf.tensor1d(ended, "bool"),
    maxTokens,
    ...(stop.length > 0 && { stop: tf.tensor1d([...stop], "int32") }),
    usedIds,
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
    jit,
  };
}

/** The requests' `forcedNext`, int32 [B, vocabulary], -1 where the policy decides. */
function forcedNextTable(group: readonly SamplingRequest[], vocabulary: number): tf.Tensor2D {
  const table = new Int32Array(group.length * vocabulary).fill(-1);
  for (const [row, { forcedNext }] of group.entries())
    if (forcedNext) table.set(forcedNext, row * vocabulary);
  return tf.tensor2d(table, [group.length, vocabulary], "int32");
}

/** Uniform numbers in [0, 1) with 24 bits, [steps, sequences], from each prompt's stream; 0 for padding sequences. */
function draws(
  group: readonly SamplingRequest[],
  sequences: number,
  completions: number,
  steps: number,
): tf.Tensor2D {
  const values = new Float32Array(steps * sequences);
  for (const [row, { stream }] of group.entries()) {
    if (stream === undefined) throw new Error("Sampling needs a random stream for every prompt.");
    for (let step = 0; step < steps; step++) {
      for (let index = 0; index < completions; index++) {
        values[step * sequences + row * completions + index] =
          Math.floor(uniform(stream) * 2 ** 24) / 2 ** 24;
      }
    }
  }
  return tf.tensor2d(values, [steps, sequences]);
}
