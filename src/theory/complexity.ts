import { integer, normal } from "../tensors/random.ts";
import { type CompletionSpace, treeSizes } from "./completion-space.ts";
import { minimalAutomatonStates } from "./minimal-automaton.ts";
import { type Grid, minimalTreeLeaves } from "./minimal-tree.ts";
import { type Measures, measureInstances, type RandomInstances } from "./random-instances.ts";
import { softOptimal } from "./soft-rl.ts";
import {
  goalReward,
  policyGrid,
  rewardGrid,
  slopeReward,
  type WalkComplexity,
  walkComplexity,
} from "./walks.ts";

/** Horizons of the walks; horizon 1 is a bandit. */
export const walkHorizons: readonly number[] = [1, 2, 3, 4, 6, 8, 12, 16];
/** Maximum error of a tree, nats. */
export const treeTolerance = 0.1;

/** Two rewards for the final place of a walk, each with a short description at every horizon. */
export const walkRewards = {
  /** 6 nats for ending one place up. */
  goal: goalReward(1, 6),
  /** Half a nat for each place up. */
  slope: slopeReward(0.5),
} as const;

/** The name of a reward. */
export type WalkReward = keyof typeof walkRewards;

/** The complexity of one of the rewards and of its soft-optimal policy at every horizon. */
export function complexityByHorizon(name: WalkReward): WalkComplexity[] {
  return walkHorizons.map((horizon) => walkComplexity({ horizon, reward: walkRewards[name] }, treeTolerance));
}

/** The claims about complexity: by horizon for the two rewards, and over random rewards. */
export function complexityMeasures(
  run: RandomInstances,
  { goal, slope }: Readonly<Record<WalkReward, readonly WalkComplexity[]>>,
): Measures {
  const increments = (counts: readonly number[]) =>
    counts.slice(1).map((count, index) => count - counts[index]!);
  const leaves = (grid: Grid) => minimalTreeLeaves(grid, treeTolerance);
  return {
    "goal-policy-grows": increments(goal.map(({ policyLeaves }) => policyLeaves)),
    "goal-reward-fixed": goal.map(({ rewardLeaves }) => rewardLeaves),
    "slope-policy-fixed": slope.map(({ policyLeaves }) => policyLeaves),
    "slope-reward-grows": increments(slope.map(({ rewardLeaves }) => rewardLeaves)),
    ...measureInstances("complexity", run, (stream, space) => {
      const [down, stay, up] = [normal(stream), normal(stream), normal(stream)] as const;
      const bandit = {
        horizon: 1,
        reward: (place: number) => (place < 0 ? down : place === 0 ? stay : up),
      };
      const onePrompt: CompletionSpace = { ...space, prompts: 1 };
      const rewards = Array.from({ length: treeSizes(onePrompt).completions }, () => integer(stream, 2));
      return {
        bandit: Math.abs(leaves(policyGrid(bandit)) - leaves(rewardGrid(bandit))),
        states: extraStates(onePrompt, rewards),
      };
    }),
  };
}

/** The states of the minimal automaton for the soft Q-function, less those of the automaton for the rewards. */
function extraStates(space: CompletionSpace, rewards: readonly number[]): number {
  const { actions } = space;
  const { prefixes } = treeSizes(space);
  const { q } = softOptimal(space, rewards);
  const states = (output: (node: number) => readonly number[]) =>
    minimalAutomatonStates({
      root: 0,
      key: (node) => node,
      next: (node) =>
        node < prefixes ? Array.from({ length: actions }, (_, token) => node * actions + token + 1) : [],
      output,
    });
  const qStates = states((node) => (node < prefixes ? q.slice(node * actions, (node + 1) * actions) : []));
  const rewardStates = states((node) => {
    const leaf = node - prefixes;
    return leaf < 0 ? [] : rewards.slice(leaf, leaf + 1);
  });
  return qStates - rewardStates;
}
