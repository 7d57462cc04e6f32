import { decisions } from "../tasks/task.ts";
import { tf } from "../tensors/backend.ts";
import type { NeoXConfig } from "./gpt-neox.ts";

/** One prompt with the completions of it that are read together. */
export interface CompletionGroup {
  /** Token ids; the last one is read together with each completion, the others once for all. */
  readonly prompt: readonly number[];
  readonly completions: readonly (readonly number[])[];
  /** As in `Task.copies`: completion tokens that the decoder copied are masked out of `Batch.mask`. */
  readonly forcedNext?: Int32Array;
}

/** Groups of equal size as tensors: B prompts, K completions each, C completion positions. */
export interface Batch {
  /** int32 [B, P], left-padded; absent where every prompt is a single token. */
  readonly prompts?: tf.Tensor2D;
  /** float32 [B, P], 1 on tokens; absent where nothing is padded. */
  readonly attention?: tf.Tensor2D;
  /** int32 [B, K, C]: each completion shifted right behind the prompt's last token. */
  readonly inputs: tf.Tensor3D;
  /** int32 [B, K, C]: the completions, right-padded. */
  readonly targets: tf.Tensor3D;
  /** float32 [B·K, C]: 1 on completion tokens that the policy decided, 0 on copies and padding. */
  readonly mask: tf.Tensor2D;
}

/**
 * Throws one sentence naming the first example that a model of this config cannot read: one with an empty prompt
 * or completion, or with more tokens than its context holds.
 */
export function checkGroups(
  groups: readonly CompletionGroup[],
  { max_position_embeddings: context }: NeoXConfig,
): void {
  for (const [example, { prompt, completions }] of groups.entries()) {
    if (prompt.length === 0)
      throw new Error(`Example ${example} has an empty prompt: give at least one token.`);
    for (const { length } of completions) {
      if (length === 0)
        throw new Error(`Example ${example} has an empty completion: give at least one token.`);
      if (prompt.length + length > context) {
        throw new Error(
          `Example ${example} has ${prompt.length} prompt and ${length} completion tokens, but the model's context ` +
            `holds ${context}: shorten it.`,
        );
      }
    }
  }
}

/** How long the prompts (their last token apart) and the completions of a batch are, padding included. */
export interface PaddedShape {
  readonly prompt: number;
  readonly completion: number;
  /** Whether any prompt is shorter than `prompt`, so that batches need `attention`. */
  readonly padded: boolean;
}

/** The room that all of these groups need: batches that have it are all of one shape. */
export function paddedShape(groups: readonly CompletionGroup[]): PaddedShape {
  const longest = (lengths: readonly number[]) => lengths.reduce((most, length) => Math.max(most, length), 0);
  const prompts = groups.map((group) => group.prompt.length - 1);
  const prompt = longest(prompts);
  return {
    prompt,
    completion: Math.max(
      1,
      longest(groups.flatMap(({ completions }) => completions.map(({ length }) => length))),
    ),
    padded: prompts.some((length) => length < prompt),
  };
}

/** Pads `groups` to one batch, of the room they need unless told. All must have equally many completions. */
export function collate(
  groups: readonly CompletionGroup[],
  pad: number,
  room: PaddedShape = paddedShape(groups),
): Batch {
  const rows = groups.length;
  const completions = groups[0]!.completions.length;
  const length = room.completion;
  const inputs = new Int32Array(rows * completions * length).fill(pad);
  const targets = new Int32Array(rows * completions * length).fill(pad);
  const mask = new Float32Array(rows * completions * length);
  for (const [row, group] of groups.entries()) {
    for (const [index, completion] of group.completions.entries()) {
      const start = (row * completions + index) * length;
      targets.set(completion, start);
      inputs[start] = group.prompt[group.prompt.length - 1]!;
      inputs.set(completion.slice(0, length - 1), start + 1);
      mask.set(decisions(completion, group.forcedNext).map(Number), start);
    }
  }
  const shape: [number, number, number] = [rows, completions, length];
  return {
    ...padPrompts(
      groups.map((group) => group.prompt.slice(0, -1)),
      pad,
      room,
    ),
    inputs: tf.tensor3d(inputs, shape, "int32"),
    targets: tf.tensor3d(targets, shape, "int32"),
    mask: tf.tensor2d(mask, [rows * completions, length]),
  };
}

/**
 * Left-pads token lists to int32 [B, P], as long as the longest unless `room` tells, with their attention [B, P],
 * each absent where it would be empty.
 */
export function padPrompts(
  prompts: readonly (readonly number[])[],
  pad: number,
  room?: PaddedShape,
): { prompts?: tf.Tensor2D; attention?: tf.Tensor2D } {
  const length = room?.prompt ?? Math.max(...prompts.map((prompt) => prompt.length));
  if (length === 0) return {};
  const tokens = new Int32Array(prompts.length * length).fill(pad);
  const attention = new Float32Array(prompts.length * length);
  for (const [row, prompt] of prompts.entries()) {
    tokens.set(prompt, (row + 1) * length - prompt.length);
    attention.fill(1, (row + 1) * length - prompt.length, (row + 1) * length);
  }
  const shape: [number, number] = [prompts.length, length];
  return {
    prompts: tf.tensor2d(tokens, shape, "int32"),
    attention: (room?.padded ?? attention.includes(0)) ? tf.tensor2d(attention, shape) : undefined,
  };
}

/** No tensor of one inference call is to hold more numbers than this: 16 MiB of float32. */
const LARGEST_TENSOR = 2 ** 22;

/**
 * How many groups to read in one inference call, at least one, so that neither the logits of their completions
 * nor the attention within their prompts exceeds 16 MiB.
 */
export function groupsAtOnce(
  { vocab_size: vocabulary, num_attention_heads: heads }: NeoXConfig,
  promptLength: number,
  completions: number,
  completionLength: number,
): number {
  const largest = Math.max(completions * completionLength * vocabulary, heads * promptLength ** 2);
  return Math.max(1, Math.floor(LARGEST_TENSOR / largest));
}
