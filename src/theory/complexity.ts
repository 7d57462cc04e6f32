import { integer, normal } from "../tensors/random.ts";
import { type Space, sizesOf } from "./completions.ts";
import { type Instances, type Measures, overInstances, randomSpaces } from "./instances.ts";
import { smallestMachine } from "./machines.ts";
import { smallestTree } from "./smallest-tree.ts";
import { softOptimal } from "./soft-rl.ts";
import {
  goalReward,
  policyGrid,
  rewardGrid,
  slopeReward,
  type WalkComplexity,
  walkComplexity,
} from "./walks.ts";

/** Horizons from a bandit's up. */
export const walkHorizons: readonly number[] = [1, 2, 3, 4, 6, 8, 12, 16];
/** How far off a tree may be, nats. */
export const treeTolerance = 0.1;

/** Two rewards for where a walk ends, each told in one line whatever the horizon. */
export const walkRewards = {
  /** 6 nats for ending one place up. */
  goal: goalReward(1, 6),
  /** Half a nat for each place up. */
  slope: slopeReward(0.5),
} as const;

export type WalkReward = keyof typeof walkRewards;

/** The complexity of one of the rewards and of its soft-optimal policy at every horizon. */
export function complexityByHorizon(name: WalkReward): WalkComplexity[] {
  return walkHorizons.map((horizon) => walkComplexity({ horizon, reward: walkRewards[name] }, treeTolerance));
}

/** The claims about complexity: by horizon for the two rewards, and over random rewards. */
export function complexityMeasures(
  run: Instances,
  { goal, slope }: Readonly<Record<WalkReward, readonly WalkComplexity[]>>,
): Measures {
  const gains = (leaves: readonly number[]) => leaves.slice(1).map((count, at) => count - leaves[at]!);
  return {
    "goal-policy-grows": gains(goal.map(({ policyLeaves }) => policyLeaves)),
    "goal-reward-fixed": goal.map(({ rewardLeaves }) => rewardLeaves),
    "slope-policy-fixed": slope.map(({ policyLeaves }) => policyLeaves),
    "slope-reward-grows": gains(slope.map(({ rewardLeaves }) => rewardLeaves)),
    ...overInstances("complexity", run, (stream, instance) => {
      const places = Array.from({ length: 3 }, () => normal(stream));
      const bandit = { horizon: 1, reward: (place: number) => places[place + 1]! };
      const [policy, reward] = [policyGrid(bandit), rewardGrid(bandit)].map((grid) =>
        smallestTree(grid, treeTolerance),
      );
      const space: Space = { ...randomSpaces[instance % randomSpaces.length]!, prompts: 1 };
      const rewards = Array.from({ length: sizesOf(space).completions }, () => integer(stream, 2));
      return { bandit: Math.abs(policy! - reward!), states: extraStates(space, rewards) };
    }),
  };
}

/** The states that the soft Q-function of a prompt's rewards takes beyond those of the rewards themselves. */
function extraStates(space: Space, rewards: readonly number[]): number {
  const { actions } = space;
  const { prefixes } = sizesOf(space);
  const { q } = softOptimal(space, rewards);
  const states = (output: (node: number) => readonly number[]) =>
    smallestMachine({
      root: 0,
      key: (node) => node,
      next: (node) =>
        node < prefixes ? Array.from({ length: actions }, (_, token) => node * actions + token + 1) : [],
      output,
    });
  const ofQ = states((node) => (node < prefixes ? q.slice(node * actions, (node + 1) * actions) : []));
  return ofQ - states((node) => (node < prefixes ? [] : [rewards[node - prefixes]!]));
}
