import type { Prompt, Sample, Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import { type CompletionGroup, checkGroups, groupsAtOnce, type PaddedShape, paddedShape } from "./batch.ts";
import { type Network, network } from "./decoder.ts";
import type { Model, NeoXConfig } from "./gpt-neox.ts";

/** How samples are read: groups of one size as tensors, and what is computed of them. */
export interface Reading<A> {
  readonly inputs: (groups: readonly CompletionGroup[], room: PaddedShape) => A;
  readonly compute: (net: Network, inputs: A) => tf.Tensor1D;
  /** `compute` compiled, as `onNetwork` makes it. */
  readonly compiled?: (model: Model, inputs: A) => tf.Tensor1D;
}

/** The most sequences that are read in one call: more of them leave the processor's caches. */
const SEQUENCES_AT_ONCE = 512;

/** From how many batches of one shape on they are compiled. */
const WORTH_COMPILING = 8;

/**
 * Reads batches of samples, consecutive ones of the same prompt together, and joins the results. Batches of a
 * shape that comes often run compiled, unless `compiled` is false or ALLROADS_EAGER is set.
 */
export function overGroups<P extends Prompt, A>(
  task: Task<P>,
  model: Model,
  samples: readonly Sample<P>[],
  reading: Reading<A>,
  compiled = process.env.ALLROADS_EAGER === undefined,
): Float32Array {
  const groups = groupByPrompt(task, samples);
  checkGroups(groups, model.config);
  const room = paddedShape(groups);
  const all = [...batches(model.config, groups, room)];
  const shape = (batch: readonly CompletionGroup[]) => `${batch.length} of ${batch[0]!.completions.length}`;
  const counts = new Map<string, number>();
  for (const batch of all) counts.set(shape(batch), (counts.get(shape(batch)) ?? 0) + 1);
  const flat = tf.tensor1d(model.weights);
  try {
    const parts = all.map((batch) => {
      const compile = compiled && counts.get(shape(batch))! >= WORTH_COMPILING;
      const part = tf.tidy(() => {
        const inputs = reading.inputs(batch, room);
        const run = compile ? reading.compiled : undefined;
        return run?.(model, inputs) ?? reading.compute(network(model.config, flat, model.head), inputs);
      });
      const values = part.dataSync() as Float32Array;
      part.dispose();
      return values;
    });
    return concat(parts);
  } finally {
    flat.dispose();
  }
}

/** Consecutive samples of one prompt become one group, so that the prompt is read once. */
export function groupByPrompt<P extends Prompt>(
  task: Task<P>,
  samples: readonly Sample<P>[],
): CompletionGroup[] {
  const groups: (CompletionGroup & { completions: (readonly number[])[] })[] = [];
  let previous: P | undefined;
  for (const { prompt, completion } of samples) {
    if (prompt === previous) groups.at(-1)!.completions.push(completion);
    else
      groups.push({
        prompt: prompt.tokens,
        completions: [completion],
        forcedNext: task.forcedNext?.(prompt),
      });
    previous = prompt;
  }
  return groups;
}

/** Splits groups into batches of one group size each, none larger than pays or `groupsAtOnce` allows. */
function* batches(
  config: NeoXConfig,
  groups: readonly CompletionGroup[],
  room: PaddedShape,
): Generator<CompletionGroup[]> {
  let batch: CompletionGroup[] = [];
  for (const group of groups) {
    const size = group.completions.length;
    const largest = Math.min(
      Math.max(1, Math.floor(SEQUENCES_AT_ONCE / size)),
      groupsAtOnce(config, room.prompt + 1, size, room.completion),
    );
    const full = batch.length === largest;
    if (full || (batch.length > 0 && batch[0]!.completions.length !== size)) {
      yield batch;
      batch = [];
    }
    batch.push(group);
  }
  if (batch.length > 0) yield batch;
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
