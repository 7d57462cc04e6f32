import { createHash } from "node:crypto";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { JumpableRandomGenerator } from "pure-rand/types/JumpableRandomGenerator";

/** A reproducible source of randomness. Drawing from it advances it. */
export type RandomStream = JumpableRandomGenerator;

/**
 * The stream named by `seed` and `path`, for example `randomStream(3, "sft", "order")`. Streams of
 * different names are statistically independent, so that drawing more from one never moves another.
 */
export function randomStream(seed: number, ...path: (string | number)[]): RandomStream {
  const digest = createHash("sha256")
    .update(JSON.stringify([seed, ...path]))
    .digest();
  const words = [0, 4, 8, 12].map((offset) => digest.readInt32LE(offset));
  return xoroshiro128plusFromState(words);
}

/** One number uniform in [0, 1), with 32 random bits. */
export function uniform(stream: RandomStream): number {
  return (stream.next() >>> 0) / 2 ** 32;
}

/** One integer uniform in 0 … `bound` - 1, for bounds far below 2³². */
export function integer(stream: RandomStream, bound: number): number {
  return Math.floor(uniform(stream) * bound);
}

/** An index drawn from softmax(`logits`); -Infinity is never drawn. Draws one number. */
export function categorical(stream: RandomStream, logits: readonly number[]): number {
  const most = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - most));
  let rest = uniform(stream) * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => {
    rest -= weight;
    return rest < 0;
  });
  return index === -1 ? weights.findLastIndex((weight) => weight > 0) : index;
}

/** One standard normal number (Box and Muller). */
export function normal(stream: RandomStream): number {
  return Math.sqrt(-2 * Math.log(1 - uniform(stream))) * Math.cos(2 * Math.PI * uniform(stream));
}

/** The integers 0 … `length` - 1 in random order (Fisher and Yates). */
export function permutation(stream: RandomStream, length: number): number[] {
  const order = Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last--) {
    const other = integer(stream, last + 1);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
