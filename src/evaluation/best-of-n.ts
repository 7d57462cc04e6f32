import { checkNumbers, checkSameLength, checkWhole } from "./checks.ts";

type SampleScores = readonly (readonly number[])[];

/** Options of `bestOfN`. */
export interface BestOfNOptions {
  /**
   * "first" uses a prompt's first N samples. "subsets" averages over all subsets of N samples, an estimate of the
   * same expectation with lower variance. Default "first".
   */
  readonly estimator?: "first" | "subsets";
}

interface RankedSample {
  readonly score: number;
  readonly gold: number;
}

/**
 * Best-of-N: for each prompt, the gold reward of the sample with the highest score among N samples (ties: the
 * earlier sample). `scores` and `gold` are [prompts × samples], in the same order. The mean over prompts measures the
 * scorer. Throws if `n` exceeds a prompt's number of samples, if the shapes differ, or if a number is not finite.
 */
export function bestOfN(
  scores: SampleScores,
  gold: SampleScores,
  n: number,
  { estimator = "first" }: BestOfNOptions = {},
): number[] {
  checkWhole("N", n, 1);
  if (scores.length === 0) throw new Error("scores is empty: best-of-N needs at least one prompt.");
  checkSameLength("scores", scores, "gold", gold);
  return scores.map((promptScores, prompt) => {
    const rewards = gold[prompt]!;
    checkNumbers(`scores[${prompt}]`, promptScores);
    checkNumbers(`gold[${prompt}]`, rewards);
    checkSameLength(`scores[${prompt}]`, promptScores, `gold[${prompt}]`, rewards);
    if (n > promptScores.length) {
      throw new Error(
        `N is ${n}, but prompt ${prompt} has ${promptScores.length} samples: draw more samples or choose a smaller N.`,
      );
    }
    const samples = promptScores.map((score, sample) => ({ score, gold: rewards[sample]! }));
    return estimator === "first" ? goldOfBest(samples.slice(0, n)) : meanOverSubsets(samples, n);
  });
}

const goldOfBest = (samples: readonly RankedSample[]): number =>
  samples.reduce((best, next) => (next.score > best.score ? next : best)).gold;

/**
 * The mean of `goldOfBest` over all subsets of size `n`. Of M samples sorted by score, the one at rank r (from 0) is
 * the best of C(M - 1 - r, n - 1) of the C(M, n) subsets.
 */
function meanOverSubsets(samples: readonly RankedSample[], n: number): number {
  const ranked = samples.toSorted((a, b) => b.score - a.score);
  let share = n / ranked.length;
  let total = 0;
  for (const [rank, { gold }] of ranked.entries()) {
    total += share * gold;
    const after = ranked.length - 1 - rank;
    if (after === 0) break;
    share *= (after - n + 1) / after;
  }
  return total;
}
