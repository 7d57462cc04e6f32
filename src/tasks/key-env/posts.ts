import { permutation, type RandomStream, uniform } from "../../tensors/random.ts";
import type { Prompt } from "../task.ts";
import type { KeyEnvOptions } from "./options.ts";
import { connectorToken, SLOTS, TLDR, VALUES_PER_HALF, valueToken } from "./vocabulary.ts";

/** A post of KeyEnv: `tokens` are its facts in their order of appearance, then `TL;DR:`. */
export interface KeyEnvPrompt extends Prompt {
  /** The value token of each slot in this post. */
  readonly values: readonly number[];
  /** The hidden reference, with `eos`, if the gold reward is ROUGE-L. A policy never sees it. */
  readonly reference?: readonly number[];
}

/** The parts of the data. Their order is part of the definition of the data: see `isPostOf`. */
const PARTS = ["demonstrations", "pairs", "validation", "evaluation"] as const;
/** A part of the data. */
export type Part = (typeof PARTS)[number];

/** The prompt of a post: `values` has the value token of each slot, `order` the slots as the post states them. */
export function keyEnvPrompt(values: readonly number[], order: readonly number[]): KeyEnvPrompt {
  return { tokens: [...order.flatMap((slot) => clause(values, slot)), TLDR], values };
}

/**
 * The two tokens that state the fact of a slot.
 *
 * @throws if `values` has no such slot
 */
export function clause(values: readonly number[], slot: number): [connector: number, value: number] {
  const value = values[slot];
  if (value === undefined) throw new Error(`A KeyEnv post of ${values.length} facts has no slot ${slot}.`);
  return [connectorToken(slot), value];
}

/** Draws posts until one belongs to `part`. */
export function drawPost(
  part: Part,
  { importance, order }: Pick<KeyEnvOptions, "importance" | "order">,
  stream: RandomStream,
): KeyEnvPrompt {
  for (;;) {
    const values = Array.from({ length: SLOTS }, (_, slot) => {
      const half = uniform(stream) < importance ? 0 : VALUES_PER_HALF;
      return valueToken(slot, half + Math.floor(uniform(stream) * VALUES_PER_HALF));
    });
    if (!isPostOf(part, values)) continue;
    const shuffled = permutation(stream, SLOTS);
    if (order === "random") return keyEnvPrompt(values, shuffled);
    const canonical = shuffled.toSorted((a, b) => a - b);
    return keyEnvPrompt(values, order === "canonical" ? canonical : canonical.reverse());
  }
}

/**
 * Whether the post with these facts belongs to `part`. Each post belongs to one part, by a hash of its facts (FNV-1a
 * with the final mixing of MurmurHash3), so that parts never share facts.
 */
function isPostOf(part: Part, values: readonly number[]): boolean {
  let hash = 0x811c9dc5;
  for (const value of values) hash = Math.imul(hash ^ value, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return PARTS[(hash ^ (hash >>> 16)) & 3] === part;
}
