import { tf } from "../tensors/backend.ts";
import { type Compiled, compile } from "../tensors/compile.ts";
import {
  type Batch,
  type CompletionGroup,
  type Credit,
  checkGroups,
  checkIds,
  collate,
  type PaddedShape,
  paddedShape,
} from "./batch.ts";
import {
  deviceVectors,
  embed,
  flatVariable,
  forward,
  type Network,
  network,
  prefill,
  unembed,
  unembedding,
} from "./decoder.ts";
import { type Model, type NeoXConfig, vectorsOf } from "./gpt-neox.ts";
import { targetLogps } from "./layers.ts";
import { forwardRecomputed } from "./recomputation.ts";
import { chunkedTargetLogps } from "./vocabulary-chunks.ts";

/** Final hidden states [B·K·C, hidden] of a batch's inputs, given its prompts. */
export function forwardBatch(
  net: Network,
  { prompts, attention, inputs }: Pick<Batch, "prompts" | "attention" | "inputs">,
): tf.Tensor2D {
  if (net.savings?.recompute) return forwardRecomputed(net, { prompts, attention, inputs });
  if (prompts === undefined) return forward(net, inputs);
  const all = embed(net, tf.concat([prompts.flatten(), inputs.flatten()]));
  const [before, embedded] = tf.split(all, [prompts.size, inputs.size]) as [tf.Tensor2D, tf.Tensor2D];
  const prompt = prefill(net, prompts, { attention, embedded: before });
  return forward(net, inputs, { prompt, embedded });
}

/** The logits that predict each completion token, divided by `temperature`: float32 [B·K·C, vocabulary]. */
export function tokenLogits(net: Network, batch: Batch, temperature: number | tf.Scalar = 1): tf.Tensor2D {
  const logits = unembed(net, forwardBatch(net, batch));
  return temperature === 1 ? logits : tf.div(logits, temperature);
}

/** log π(token | prompt, tokens before it) of every completion token at `temperature`: float32 [B·K, C]. */
export function tokenLogps(net: Network, batch: Batch, temperature: number | tf.Scalar = 1): tf.Tensor2D {
  const targets = batch.targets.flatten();
  const chunk = net.savings?.vocabularyChunk ?? net.config.vocab_size;
  const logps =
    chunk < net.config.vocab_size
      ? chunkedTargetLogps(forwardBatch(net, batch), unembedding(net), targets, chunk, temperature)
      : targetLogps(tokenLogits(net, batch, temperature), targets);
  return logps.reshape(batch.mask.shape);
}

/** log π(completion | prompt): the sum of `tokenLogps` where the batch's mask is 1, float32 [B·K]. */
export function sequenceLogps(net: Network, batch: Batch, temperature: number | tf.Scalar = 1): tf.Tensor1D {
  return tf.sum(tf.mul(tokenLogps(net, batch, temperature), batch.mask), 1);
}

/** A function compiled for models of one shape, with the weights it ran on last. */
interface CachedGraph<A, R> {
  readonly variables: readonly tf.Variable<tf.Rank.R1>[];
  readonly run: Compiled<[A], R>;
  vectors: readonly Float32Array[];
}

/** Number of model shapes for which a function stays compiled. */
const CACHED_GRAPHS = 4;

/**
 * Makes `compute` a function of a model that is compiled once per model shape. Weights are uploaded only if they are
 * another array than at the last call, so they must not change in place. Runs eagerly if `compiled` is false, by
 * default if ALLROADS_EAGER is set. The caller disposes the result.
 */
export function onModel<A, R extends tf.TensorContainer>(
  name: string,
  compute: (net: Network, inputs: A) => R,
): (model: Model, inputs: A, compiled?: boolean) => R {
  const cache = new Map<string, CachedGraph<A, R>>();
  const run = ({ config, head }: Model, flat: readonly tf.Tensor1D[], inputs: A) =>
    tf.tidy(() => compute(network(config, flat, head), inputs));
  const newGraph = (model: Model): CachedGraph<A, R> => {
    const vectors = vectorsOf(model);
    const variables = vectors.map(flatVariable);
    const compiled = compile((inputs: A) => run(model, variables, inputs), { name, check: false });
    return { variables, run: compiled, vectors };
  };
  const cachedGraph = (model: Model): CachedGraph<A, R> => {
    const vectors = vectorsOf(model);
    const key = JSON.stringify([model.config, model.head, vectors.length]);
    const graph = cache.get(key) ?? newGraph(model);
    cache.delete(key);
    cache.set(key, graph);
    for (const [oldest, { run, variables }] of [...cache].slice(0, -CACHED_GRAPHS)) {
      cache.delete(oldest);
      run.dispose();
      tf.dispose([...variables]);
    }
    for (const [index, vector] of vectors.entries()) {
      if (graph.vectors[index] !== vector) tf.tidy(() => graph.variables[index]!.assign(tf.tensor1d(vector)));
    }
    graph.vectors = vectors;
    return graph;
  };
  return (model, inputs, compiled = process.env.ALLROADS_EAGER === undefined) =>
    compiled ? cachedGraph(model).run(inputs) : tf.tidy(() => run(model, deviceVectors(model), inputs));
}

/**
 * `sequenceLogps` of all completions of `groups`, in order, over the tokens that `credit` counts. `compiled` as in
 * `batchedInference`.
 */
export function groupLogps(
  model: Model,
  groups: readonly CompletionGroup[],
  pad: number,
  credit?: Credit,
  temperature = 1,
  compiled?: boolean,
): Float32Array {
  checkIds({ "the padding token": [pad] }, model.config);
  const inputs = (batch: readonly CompletionGroup[], shape: PaddedShape) => ({
    ...collate(batch, pad, shape, credit),
    temperature: tf.scalar(temperature),
  });
  const scoring = { inputs, compute: temperedLogps, compiled: compiledLogps };
  return batchedInference(model, groups, scoring, compiled);
}

/** The temperature is a tensor, so that one graph serves all temperatures. */
const temperedLogps = (net: Network, { temperature, ...batch }: Batch & { temperature: tf.Scalar }) =>
  sequenceLogps(net, batch, temperature);
const compiledLogps = onModel("Likelihood scoring", temperedLogps);

/** A computation on batches of completions. */
export interface Scoring<A> {
  readonly inputs: (groups: readonly CompletionGroup[], shape: PaddedShape) => A;
  readonly compute: (net: Network, inputs: A) => tf.Tensor1D;
  /** `onModel` of `compute`, used for shapes with many batches. */
  readonly compiled?: (model: Model, inputs: A) => tf.Tensor1D;
}

/** The most sequences in one batch: more of them do not fit the processor's caches. */
const SEQUENCES_AT_ONCE = 512;

/** The number of batches of one shape from which compiling pays. */
const WORTH_COMPILING = 8;

/**
 * Scores groups in batches and concatenates the results in the order of the completions. Consecutive groups of one
 * prompt are merged, so that the prompt is read once. Shapes that occur often run compiled, unless `compiled` is
 * false. Throws as `checkGroups` does.
 */
export function batchedInference<A>(
  model: Model,
  groups: readonly CompletionGroup[],
  scoring: Scoring<A>,
  compiled = process.env.ALLROADS_EAGER === undefined,
): Float32Array {
  checkGroups(groups, model.config);
  const shape = paddedShape(groups);
  const batches = inferenceBatches(model.config, mergeByPrompt(groups), shape);
  const key = ({ size, groups }: InferenceBatch) => `${groups.length} of ${size}`;
  const counts = new Map<string, number>();
  const count = (batch: InferenceBatch) => counts.get(key(batch)) ?? 0;
  for (const batch of batches) counts.set(key(batch), count(batch) + 1);
  const flat = deviceVectors(model);
  try {
    const parts = batches.map((batch) => {
      const run = compiled && count(batch) >= WORTH_COMPILING ? scoring.compiled : undefined;
      const part = tf.tidy(() => {
        const inputs = scoring.inputs(batch.groups, shape);
        return run?.(model, inputs) ?? scoring.compute(network(model.config, flat, model.head), inputs);
      });
      const values = part.dataSync() as Float32Array;
      part.dispose();
      return values;
    });
    return Float32Array.from(parts.flatMap((part) => Array.from(part)));
  } finally {
    tf.dispose(flat);
  }
}

function mergeByPrompt(groups: readonly CompletionGroup[]): CompletionGroup[] {
  const merged: (CompletionGroup & { completions: (readonly number[])[] })[] = [];
  for (const group of groups) {
    const last = merged.at(-1);
    if (last?.prompt === group.prompt) last.completions.push(...group.completions);
    else merged.push({ ...group, completions: [...group.completions] });
  }
  return merged;
}

/** Consecutive groups of `size` completions each. */
type InferenceBatch = { readonly size: number; readonly groups: CompletionGroup[] };

function inferenceBatches(
  config: NeoXConfig,
  groups: readonly CompletionGroup[],
  shape: PaddedShape,
): InferenceBatch[] {
  const batches: InferenceBatch[] = [];
  for (const group of groups) {
    const size = group.completions.length;
    const largest = Math.min(
      Math.max(1, Math.floor(SEQUENCES_AT_ONCE / size)),
      groupsAtOnce(config, shape.prompt + 1, size, shape.completion),
    );
    const last = batches.at(-1);
    if (last?.size === size && last.groups.length < largest) last.groups.push(group);
    else batches.push({ size, groups: [group] });
  }
  return batches;
}

/** The most elements in one tensor of an inference call: 16 MiB of float32. */
const LARGEST_TENSOR = 2 ** 22;

/** How many groups, at least 1, keep completion logits and attention scores within `LARGEST_TENSOR`. */
export function groupsAtOnce(
  { vocab_size: vocabulary, num_attention_heads: heads }: NeoXConfig,
  promptLength: number,
  completions: number,
  completionLength: number,
): number {
  const largest = Math.max(completions * completionLength * vocabulary, heads * promptLength ** 2);
  return Math.max(1, Math.floor(LARGEST_TENSOR / largest));
}
