import slots from "../../../data/key-env/words.json" with { type: "json" };
import type { Vocabulary } from "../task.ts";

/*
 * KeyEnv's tokens: pad, eos, `TL;DR:`, then one connector per slot, then each slot's values, the important half before
 * the trivial half.
 */

/** The padding token. */
export const PAD = 0;
/** The token that ends a completion. */
export const EOS = 1;
/** The token that ends a prompt. */
export const TLDR = 2;
const FIRST_CONNECTOR = 3;

/** Number of slots. A post has one fact per slot. */
export const SLOTS = slots.length;
/** Number of important values of a slot, and of trivial ones. */
export const VALUES_PER_HALF = slots.flatMap(({ important }) => important).length / SLOTS;
const FIRST_VALUE = FIRST_CONNECTOR + SLOTS;

/** The word of each token. */
export const WORDS: readonly string[] = [
  "<pad>",
  "</s>",
  "TL;DR:",
  ...slots.map(({ connector }) => connector),
  ...slots.flatMap(({ important, trivial }) => [...important, ...trivial]),
];

/** KeyEnv's vocabulary. */
export const VOCABULARY: Vocabulary = { size: WORDS.length, pad: PAD, eos: EOS };

/** The connector token of a slot (0 … 9). */
export function connectorToken(slot: number): number {
  return FIRST_CONNECTOR + slot;
}

/** The token of a slot's value: indices 0 … 4 are important, 5 … 9 trivial. */
export function valueToken(slot: number, index: number): number {
  return FIRST_VALUE + slot * 2 * VALUES_PER_HALF + index;
}

/** The slot of a connector token, or -1 if the token is not a connector. */
export function connectorSlot(token: number): number {
  return token >= FIRST_CONNECTOR && token < FIRST_VALUE ? token - FIRST_CONNECTOR : -1;
}

/** Whether the token is a value of any slot. */
export function isValue(token: number): boolean {
  return token >= FIRST_VALUE && token < WORDS.length;
}

/** Whether a value token is in the important half of its slot. */
export function isImportant(value: number): boolean {
  return (value - FIRST_VALUE) % (2 * VALUES_PER_HALF) < VALUES_PER_HALF;
}
