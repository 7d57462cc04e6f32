import { normal, type RandomStream, uniform } from "../tensors/random.ts";
import { type Space, sizesOf } from "./completions.ts";
import type { ValueAndGradient } from "./minimise.ts";

/** That one completion was preferred to another of the same prompt, `weight` times. */
export interface Comparison {
  /** Places in the table of all completions, [prompts × completions]. */
  readonly chosen: number;
  readonly rejected: number;
  readonly weight: number;
}

/** P(first is preferred) for a reward `margin`, σ(margin): Bradley and Terry's model. */
export function preferenceProbability(margin: number): number {
  return 1 / (1 + Math.exp(-margin));
}

/**
 * The mean of −log σ(r(chosen) − r(rejected)), nats, weighted, and its gradient in the rewards of the
 * completions. Throws where there is no comparison.
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
    const margin = rewards[chosen]! - rewards[rejected]!;
    const share = weight / total;
    value += share * (Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin))));
    const slope = share * preferenceProbability(-margin);
    gradient[chosen]! -= slope;
    gradient[rejected]! += slope;
  }
  return { value, gradient };
}

/** Every two completions of a prompt, both ways round, with the weight that `weigh` gives the chosen one's margin. */
function bothWays(
  space: Space,
  weigh: (first: number, second: number) => readonly [number, number],
): Comparison[] {
  const { completions } = sizesOf(space);
  const all: Comparison[] = [];
  for (let prompt = 0; prompt < space.prompts; prompt++)
    for (let one = 0; one < completions; one++)
      for (let other = one + 1; other < completions; other++) {
        const [first, second] = [prompt * completions + one, prompt * completions + other];
        const [wins, losses] = weigh(first, second);
        all.push({ chosen: first, rejected: second, weight: wins });
        all.push({ chosen: second, rejected: first, weight: losses });
      }
  return all;
}

/** Preferences without sampling noise: every two completions, weighted by how often each is preferred. */
export function exactPreferences(space: Space, rewards: readonly number[]): Comparison[] {
  return bothWays(space, (first, second) => {
    const preferred = preferenceProbability(rewards[first]! - rewards[second]!);
    return [preferred, 1 - preferred];
  });
}

/**
 * Every two completions compared `times` times by Bradley and Terry's model, with half a comparison added either
 * way, so that the likelihood has one maximiser.
 */
export function sampledPreferences(
  space: Space,
  rewards: readonly number[],
  times: number,
  stream: RandomStream,
): Comparison[] {
  return bothWays(space, (first, second) => {
    const preferred = preferenceProbability(rewards[first]! - rewards[second]!);
    let wins = 0;
    for (let time = 0; time < times; time++) if (uniform(stream) < preferred) wins++;
    return [wins + 0.1, times - wins + 0.1];
  });
}

/** A reward for every completion, normal with standard deviation `scale`, [prompts × completions]. */
export function randomRewards(space: Space, stream: RandomStream, scale = 1): number[] {
  const length = space.prompts * sizesOf(space).completions;
  return Array.from({ length }, () => scale * normal(stream));
}

/**
 * Whether the likelihood has exactly one maximiser up to a constant per prompt: from every completion a chain of
 * wins leads to every other of its prompt (Ford 1957).
 */
export function hasUniqueMaximiser(space: Space, comparisons: readonly Comparison[]): boolean {
  const { completions } = sizesOf(space);
  const reached = (start: number, next: (comparison: Comparison) => readonly [number, number]) => {
    const seen = new Set([start]);
    for (const place of seen)
      for (const comparison of comparisons) {
        const [from, to] = next(comparison);
        if (from === place && comparison.weight > 0) seen.add(to);
      }
    return seen.size;
  };
  return Array.from({ length: space.prompts }, (_, prompt) => prompt * completions).every(
    (first) =>
      reached(first, ({ chosen, rejected }) => [chosen, rejected]) === completions &&
      reached(first, ({ chosen, rejected }) => [rejected, chosen]) === completions,
  );
}
