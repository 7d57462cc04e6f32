import { normal, type RandomStream, uniform } from "../tensors/random.ts";
import type { ValueAndGradient } from "./bfgs.ts";
import { type CompletionSpace, splitByPrompt, treeSizes } from "./completion-space.ts";

/** Completion `chosen` was preferred to `rejected`, of the same prompt, `weight` times. */
export interface Comparison {
  /** Indices into the table of all completions, [prompts × completions]. */
  readonly chosen: number;
  readonly rejected: number;
  readonly weight: number;
}

/** The Bradley-Terry model: P(first is preferred) = σ(margin), where `margin` is the difference in reward. */
export function preferenceProbability(margin: number): number {
  return 1 / (1 + Math.exp(-margin));
}

/**
 * The weighted mean of −log σ(r(chosen) − r(rejected)), nats, and its gradient with respect to `rewards`. Throws if the
 * weights sum to zero or a comparison's completion has no reward.
 */
export function preferenceLoss(
  rewards: readonly number[],
  comparisons: readonly Comparison[],
): ValueAndGradient {
  const total = comparisons.reduce((sum, { weight }) => sum + weight, 0);
  if (!(total > 0)) throw new Error("comparisons are empty: give at least one of positive weight.");
  const gradient = new Array<number>(rewards.length).fill(0);
  let value = 0;
  for (const { chosen, rejected, weight } of comparisons) {
    const chosenReward = rewards[chosen];
    const rejectedReward = rewards[rejected];
    if (chosenReward === undefined || rejectedReward === undefined)
      throw new Error(
        `Completions ${chosen} and ${rejected} are compared, but only ${rewards.length} rewards are given.`,
      );
    const margin = chosenReward - rejectedReward;
    const share = weight / total;
    value += share * (Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin))));
    const slope = share * preferenceProbability(-margin);
    gradient[chosen]! -= slope;
    gradient[rejected]! += slope;
  }
  return { value, gradient };
}

/** All pairs of completions of a prompt, in both orders. `wins` gives the weights for a difference in reward. */
function compareAll(
  space: CompletionSpace,
  rewards: readonly number[],
  wins: (margin: number) => readonly [first: number, second: number],
): Comparison[] {
  const { completions } = treeSizes(space);
  const comparisons: Comparison[] = [];
  for (const [prompt, promptRewards] of splitByPrompt(space, rewards).entries())
    for (const [first, firstReward] of promptRewards.entries())
      for (const [second, secondReward] of promptRewards.entries()) {
        if (second <= first) continue;
        const [one, other] = [prompt * completions + first, prompt * completions + second];
        const [oneWins, otherWins] = wins(firstReward - secondReward);
        comparisons.push({ chosen: one, rejected: other, weight: oneWins });
        comparisons.push({ chosen: other, rejected: one, weight: otherWins });
      }
  return comparisons;
}

/** Preferences without sampling noise: all pairs of completions, weighted by their Bradley-Terry probabilities. */
export function exactPreferences(space: CompletionSpace, rewards: readonly number[]): Comparison[] {
  return compareAll(space, rewards, (margin) => {
    const probability = preferenceProbability(margin);
    return [probability, 1 - probability];
  });
}

/**
 * All pairs of completions, each compared `times` times under the Bradley-Terry model. Each order gets an additional
 * weight of 0.1, so that the likelihood has a unique maximiser.
 */
export function sampledPreferences(
  space: CompletionSpace,
  rewards: readonly number[],
  times: number,
  stream: RandomStream,
): Comparison[] {
  return compareAll(space, rewards, (margin) => {
    const probability = preferenceProbability(margin);
    let wins = 0;
    for (let time = 0; time < times; time++) if (uniform(stream) < probability) wins++;
    return [wins + 0.1, times - wins + 0.1];
  });
}

/** Independent normal rewards of standard deviation `scale`, [prompts × completions]. */
export function randomRewards(space: CompletionSpace, stream: RandomStream, scale = 1): number[] {
  const length = space.prompts * treeSizes(space).completions;
  return Array.from({ length }, () => scale * normal(stream));
}
