import { type RandomStream, uniform } from "../tensors/random.ts";

/** The annotators' temperature where the gold reward is ROUGE-L. */
export const rougeTau = 0.12;

/**
 * Whether an annotator prefers the first of two completions with these gold rewards: true with
 * probability σ((first - second) / tau), the Bradley-Terry model at temperature `tau`. Draws one number.
 */
export function prefersFirst(first: number, second: number, tau: number, stream: RandomStream): boolean {
  return uniform(stream) < 1 / (1 + Math.exp((second - first) / tau));
}
