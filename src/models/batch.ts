import type { PreferencePair, Prompt, Task } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import type { NeoXConfig } from "./gpt-neox.ts";

/** A prompt with K completions that are computed together. */
export interface CompletionGroup {
  /** Token ids. The last one is read with each completion, the others once for all completions. */
  readonly prompt: readonly number[];
  readonly completions: readonly (readonly number[])[];
  /** As in `Task.forcedNext`: copied completion tokens are masked out of `Batch.mask`. */
  readonly forcedNext?: Int32Array;
}

/** Which completion tokens a log-likelihood sums: all that the policy decided, or only the last one. */
export type Credit = "all" | "last";

/** Groups of equal size as tensors: B prompts, K completions each, C completion positions. */
export interface Batch {
  /** int32 [B, P], left-padded; absent if every prompt is a single token. */
  readonly prompts?: tf.Tensor2D;
  /** float32 [B, P], 1 on tokens; absent if nothing is padded. */
  readonly attention?: tf.Tensor2D;
  /** int32 [B, K, C]: the prompt's last token, then the completion without its last one. */
  readonly inputs: tf.Tensor3D;
  /** int32 [B, K, C]: the completions, right-padded. */
  readonly targets: tf.Tensor3D;
  /** float32 [B·K, C]: 1 on the completion tokens that count, 0 on all others and on padding. */
  readonly mask: tf.Tensor2D;
}

/** For each position of `completion`, whether the policy decided its token: false if the decoder copied it. */
export function decisions(completion: readonly number[], forcedNext: Int32Array | undefined): boolean[] {
  return completion.map(
    (_, i) => i === 0 || forcedNext === undefined || forcedNext[completion[i - 1]!] === -1,
  );
}

/** Each pair as a group of two completions, the chosen one first. */
export function pairGroups<P extends Prompt>(
  task: Task<P>,
  pairs: readonly PreferencePair<P>[],
): CompletionGroup[] {
  return pairs.map(({ prompt, chosen, rejected }) => ({
    prompt: prompt.tokens,
    completions: [chosen, rejected],
    forcedNext: task.forcedNext?.(prompt),
  }));
}

/** Splits values of `pairGroups`, chosen and rejected in turn [2B], into two vectors [B]. */
export function chosenAndRejected(values: tf.Tensor1D): { chosen: tf.Tensor1D; rejected: tf.Tensor1D } {
  const [chosen, rejected] = tf.unstack(values.reshape([-1, 2]), 1) as [tf.Tensor1D, tf.Tensor1D];
  return { chosen, rejected };
}

/**
 * Throws if one of the lists, by their names in errors, has an id that is not in the model's vocabulary: TensorFlow would
 * fail later, or on a GPU read it as an embedding of zeros.
 */
export function checkIds(
  lists: Readonly<Record<string, readonly number[]>>,
  { vocab_size: size }: Pick<NeoXConfig, "vocab_size">,
): void {
  for (const [name, ids] of Object.entries(lists)) {
    const at = ids.findIndex((id) => !(Number.isInteger(id) && id >= 0 && id < size));
    if (at === -1) continue;
    throw new Error(
      `The id ${ids[at]} in ${name} is not in the model's vocabulary, whose ids run from 0 to ${size - 1}: use the ` +
        "tokenizer that belongs to the model.",
    );
  }
}

/**
 * Throws if a group has an empty prompt or completion, more tokens than the model's context holds, or an id that its
 * vocabulary lacks.
 */
export function checkGroups(groups: readonly CompletionGroup[], config: NeoXConfig): void {
  const context = config.max_position_embeddings;
  for (const [example, { prompt, completions }] of groups.entries()) {
    const emptyError = (part: string) =>
      new Error(`Example ${example} has an empty ${part}: give at least one token.`);
    if (prompt.length === 0) throw emptyError("prompt");
    checkIds({ [`the prompt of example ${example}`]: prompt }, config);
    for (const completion of completions) {
      const { length } = completion;
      checkIds({ [`a completion of example ${example}`]: completion }, config);
      if (length === 0) throw emptyError("completion");
      if (prompt.length + length <= context) continue;
      throw new Error(
        `Example ${example} has ${prompt.length} prompt and ${length} completion tokens, but the model's context ` +
          `holds ${context}: shorten it.`,
      );
    }
  }
}

/** The number of positions in a batch, padding included. Batches of one padded shape share a compiled graph. */
export interface PaddedShape {
  /** Prompt positions, without the prompts' last tokens. */
  readonly prompt: number;
  readonly completion: number;
  /** Whether any prompt is shorter than `prompt`, so that batches need `attention`. */
  readonly padded: boolean;
}

/** The smallest padded shape that holds all of these groups. */
export function paddedShape(groups: readonly CompletionGroup[]): PaddedShape {
  const prompts = groups.map((group) => group.prompt.length - 1);
  const completions = groups.flatMap((group) => group.completions.map(({ length }) => length));
  const longest = (lengths: readonly number[]) => lengths.reduce((most, length) => Math.max(most, length), 0);
  const prompt = longest(prompts);
  return {
    prompt,
    completion: Math.max(1, longest(completions)),
    padded: prompts.some((length) => length < prompt),
  };
}

/** Pads `groups`, of equally many completions each, to a batch whose mask is 1 on the tokens that `credit` counts. */
export function collate(
  groups: readonly CompletionGroup[],
  pad: number,
  shape: PaddedShape = paddedShape(groups),
  credit: Credit = "all",
): Batch {
  const { completion: length } = shape;
  const rows = groups.flatMap(({ prompt, completions, forcedNext }) =>
    completions.map((completion) => ({ prompt, completion, forcedNext })),
  );
  const inputs = new Int32Array(rows.length * length).fill(pad);
  const targets = new Int32Array(rows.length * length).fill(pad);
  const mask = new Float32Array(rows.length * length);
  for (const [row, { prompt, completion, forcedNext }] of rows.entries()) {
    const start = row * length;
    targets.set(completion, start);
    inputs.set(prompt.slice(-1), start);
    inputs.set(completion.slice(0, length - 1), start + 1);
    if (credit === "last") mask[start + completion.length - 1] = 1;
    else mask.set(decisions(completion, forcedNext).map(Number), start);
  }
  const dimensions: [number, number, number] = [groups.length, rows.length / groups.length, length];
  return {
    ...padPrompts(groups, pad, shape),
    inputs: tf.tensor3d(inputs, dimensions, "int32"),
    targets: tf.tensor3d(targets, dimensions, "int32"),
    mask: tf.tensor2d(mask, [rows.length, length]),
  };
}

/** The prompts without their last tokens, left-padded, and their attention; as in `Batch`. */
export function padPrompts(
  requests: readonly Pick<CompletionGroup, "prompt">[],
  pad: number,
  { prompt: length, padded }: PaddedShape,
): Pick<Batch, "prompts" | "attention"> {
  if (length === 0) return {};
  const tokens = new Int32Array(requests.length * length).fill(pad);
  const attention = new Float32Array(requests.length * length);
  for (const [row, { prompt }] of requests.entries()) {
    const end = (row + 1) * length;
    const start = end - prompt.length + 1;
    tokens.set(prompt.slice(0, -1), start);
    attention.fill(1, start, end);
  }
  const dimensions: [number, number] = [requests.length, length];
  return {
    prompts: tf.tensor2d(tokens, dimensions, "int32"),
    attention: padded ? tf.tensor2d(attention, dimensions) : undefined,
  };
}
