import { type RandomStream, uniform } from "../tensors/random.ts";

/** Default temperature of the annotators if the gold reward is ROUGE-L. */
export const rougeTau = 0.12;

/**
 * Whether an annotator prefers the first of two completions with these gold rewards, by the Bradley-Terry model: true
 * with probability σ((first - second) / tau). Draws one number.
 */
export function prefersFirst(first: number, second: number, tau: number, stream: RandomStream): boolean {
  return uniform(stream) < 1 / (1 + Math.exp((second - first) / tau));
}

/** The best of `count` drafts by `score`, the first of equals. Writes at least one. */
export function bestDraft(
  count: number,
  write: () => number[],
  score: (completion: readonly number[]) => number,
): number[] {
  let best = write();
  let bestScore = score(best);
  for (let written = 1; written < count; written++) {
    const draft = write();
    const draftScore = score(draft);
    if (draftScore > bestScore) [best, bestScore] = [draft, draftScore];
  }
  return best;
}
