import { checkNumbers, checkSameLength, checkWhole } from "./checks.ts";

type SampleScores = readonly (readonly number[])[];

export interface BestOfNOptions {
  /**
   * Over which N of a prompt's samples: the first N, or the average over all sets of N of them, which
   * estimates the same expectation with less noise.
   */
  readonly estimator?: "first" | "subsets";
}

/**
 * Best-of-N: per prompt, the gold reward of the one among N samples that the ranking scorer puts highest,
 * the first of them where several are. `scores` and `gold` are prompts × samples, in the same order; their
 * mean over prompts is what a scorer is judged by. Throws one sentence where `n` exceeds a prompt's
 * samples, or the shapes or numbers are at fault.
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
  return scores.map((ranking, prompt) => {
    const rewards = gold[prompt]!;
    checkNumbers(`scores[${prompt}]`, ranking);
    checkNumbers(`gold[${prompt}]`, rewards);
    checkSameLength(`scores[${prompt}]`, ranking, `gold[${prompt}]`, rewards);
    if (n > ranking.length) {
      throw new Error(
        `N is ${n}, but prompt ${prompt} has ${ranking.length} samples: draw more samples or choose a smaller N.`,
      );
    }
    if (estimator === "first") return rewards[bestFirst(ranking.slice(0, n))[0]!]!;
    return meanOverSubsets(
      bestFirst(ranking).map((sample) => rewards[sample]!),
      n,
    );
  });
}

/** The samples' indices from the highest score to the lowest, equal ones in their order. */
function bestFirst(ranking: readonly number[]): number[] {
  return ranking.map((_, sample) => sample).sort((a, b) => ranking[b]! - ranking[a]! || a - b);
}

/**
 * The mean first entry of all subsets of size `n` of a list in rank order: of M entries, the one at rank r
 * comes first in C(M - 1 - r, n - 1) of the C(M, n) subsets.
 */
function meanOverSubsets(ranked: readonly number[], n: number): number {
  let share = n / ranked.length;
  let total = 0;
  for (const [rank, reward] of ranked.entries()) {
    total += share * reward;
    const after = ranked.length - 1 - rank;
    if (after === 0) break;
    share *= (after - n + 1) / after;
  }
  return total;
}
