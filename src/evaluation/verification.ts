import { checkNumbers, checkSameLength } from "./checks.ts";
import { mean } from "./statistics.ts";

/**
 * The share of completion pairs that a scorer orders as gold does. Both lists hold, for each pair, the score of the
 * first completion minus the score of the second. Pairs with equal gold are left out; pairs that only the scorer ties
 * count as half. Throws if gold ties every pair.
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
 * The mean over pairs of sigma(r+ - r-), the probability that the Bradley-Terry model gives to the label, which the
 * paper plots as validation likelihood. `differences` holds r+ - r-, the reward of the chosen completion minus the
 * reward of the rejected one.
 */
export function meanProbability(differences: readonly number[]): number {
  checkNumbers("differences", differences);
  return mean(differences.map((difference) => 1 / (1 + Math.exp(-difference))));
}
