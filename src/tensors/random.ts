import { createHash } from "node:crypto";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { JumpableRandomGenerator } from "pure-rand/types/JumpableRandomGenerator";

/** A seeded random number generator. Drawing from it changes its state. */
export type RandomStream = JumpableRandomGenerator;

/**
 * The stream identified by `seed` and `path`, for example `randomStream(3, "sft", "order")`. Streams with different
 * identities are statistically independent, so that drawing more from one does not change another.
 */
export function randomStream(seed: number, ...path: (string | number)[]): RandomStream {
  const digest = createHash("sha256")
    .update(JSON.stringify([seed, ...path]))
    .digest();
  const words = [0, 4, 8, 12].map((offset) => digest.readInt32LE(offset));
  return xoroshiro128plusFromState(words);
}

/** Draws uniformly from [0, 1), with 32 random bits. */
export function uniform(stream: RandomStream): number {
  return (stream.next() >>> 0) / 2 ** 32;
}

/** Draws an integer uniformly from 0 … `bound` - 1. `bound` must be far below 2³². */
export function integer(stream: RandomStream, bound: number): number {
  return Math.floor(uniform(stream) * bound);
}

/** Draws an index from softmax(`logits`), never one with logit -Infinity. Takes one number from the stream. */
export function categorical(stream: RandomStream, logits: readonly number[]): number {
  const max = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - max));
  let rest = uniform(stream) * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => {
    rest -= weight;
    return rest < 0;
  });
  return index === -1 ? weights.findLastIndex((weight) => weight > 0) : index;
}

/** Draws from the standard normal distribution (Box and Muller). */
export function normal(stream: RandomStream): number {
  return Math.sqrt(-2 * Math.log(1 - uniform(stream))) * Math.cos(2 * Math.PI * uniform(stream));
}

/** A random permutation of 0 … `length` - 1 (Fisher and Yates). */
export function permutation(stream: RandomStream, length: number): number[] {
  const order = Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last--) {
    const other = integer(stream, last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
