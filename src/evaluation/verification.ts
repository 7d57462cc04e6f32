import { checkNumbers, checkSameLength } from "./checks.ts";
import { mean } from "./statistics.ts";

/**
 * How often a scorer orders two completions of one prompt as gold does. Both lists hold, per pair, the
 * score of the first completion minus that of the second. Pairs that gold ties are left out; a pair that
 * only the scorer ties counts half. Throws one sentence where gold ties every pair.
 */
export function pairwiseAccuracy(
  scorerDifferences: readonly number[],
  goldDifferences: readonly number[],
): number {
  checkNumbers("scorerDifferences", scorerDifferences);
  checkNumbers("goldDifferences", goldDifferences);
  checkSameLength("scorerDifferences", scorerDifferences, "goldDifferences", goldDifferences);
  const agreement = scorerDifferences
    .map((difference, pair) => (1 + Math.sign(difference) * Math.sign(goldDifferences[pair]!)) / 2)
    .filter((_, pair) => goldDifferences[pair] !== 0);
  if (agreement.length === 0) {
    throw new Error("goldDifferences are all 0: pairwise accuracy needs a pair that gold does not tie.");
  }
  return mean(agreement);
}

/**
 * The mean of sigma(r+ - r-) over pairs, where `differences` holds the reward of the chosen completion
 * minus that of the rejected one: the probability that the Bradley-Terry model gives to the labels, which
 * the paper plots as validation likelihood.
 */
export function meanProbability(differences: readonly number[]): number {
  checkNumbers("differences", differences);
  return mean(differences.map((difference) => 1 / (1 + Math.exp(-difference))));
}
