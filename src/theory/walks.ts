import { logSumExp } from "./distributions.ts";
import { type Readable, smallestMachine } from "./machines.ts";
import { type Grid, smallestTree } from "./smallest-tree.ts";

/**
 * Walks on a line from place 0: each of `horizon` tokens is a step of −1, 0 or +1, and the reward is for the place
 * where the walk ends.
 */
export interface Walk {
  readonly horizon: number;
  readonly reward: (place: number) => number;
}

const STEPS = [-1, 0, 1] as const;

/** A reward of `size` for ending at `goal`, 0 elsewhere. */
export const goalReward = (goal: number, size: number) => (place: number) => (place === goal ? size : 0);

/** A reward of `rate` for each place further up. */
export const slopeReward = (rate: number) => (place: number) => rate * place;

/** One number for each of the steps −1, 0, +1 at a time and a place. */
export type Told = (time: number, place: number) => readonly number[];

/** What is soft-optimal, nats: it depends on nothing but time and place. */
export interface WalkOptimum {
  readonly q: Told;
  /** log π* = Q* − V*. */
  readonly logps: Told;
}

/** Soft value iteration over time and place: the soft-optimal policy for E_π[r] + H(π). */
export function solveWalk({ horizon, reward }: Walk): WalkOptimum {
  const places = Array.from({ length: 2 * horizon + 1 }, (_, at) => at - horizon);
  const tables: (readonly number[])[][] = new Array(horizon);
  let values = places.map(reward);
  for (let time = horizon - 1; time >= 0; time--) {
    tables[time] = places.map((_, at) => STEPS.map((step) => values[at + step] ?? -Infinity));
    values = tables[time]!.map(logSumExp);
  }
  const q: Told = (time, place) => tables[time]![place + horizon]!;
  const logps: Told = (time, place) => {
    const own = q(time, place);
    const total = logSumExp(own);
    return own.map((value) => value - total);
  };
  return { q, logps };
}

/** The reward over the places where a walk can end. */
export function rewardGrid({ horizon, reward }: Walk): Grid {
  const shape = [2 * horizon + 1];
  return { shape, values: Array.from({ length: shape[0]! }, (_, at) => reward(at - horizon)) };
}

/** log π*, or another function of time, place and step, where a walk can be. */
export function policyGrid(walk: Walk, told: Told = solveWalk(walk).logps): Grid {
  const { horizon } = walk;
  const shape = [horizon, 2 * horizon + 1, STEPS.length];
  const values: (number | undefined)[] = [];
  for (let time = 0; time < horizon; time++)
    for (let place = -horizon; place <= horizon; place++)
      for (const step of STEPS.keys())
        values.push(Math.abs(place) <= time ? told(time, place)[step] : undefined);
  return { shape, values };
}

/** How complex a walk's reward and its soft-optimal policy are. */
export interface WalkComplexity {
  readonly horizon: number;
  /** Leaves of the smallest tree over the final place that tells the reward. */
  readonly rewardLeaves: number;
  /** Leaves of the smallest trees over time, place and step that tell log π*, and Q*. */
  readonly policyLeaves: number;
  readonly qLeaves: number;
  /** Distinct values of log π*. */
  readonly policyValues: number;
  /** States of the smallest machines that read the steps one by one. */
  readonly rewardStates: number;
  readonly qStates: number;
  readonly policyStates: number;
}

/** Measures `walk` with trees that are nowhere further than `tolerance` nats off, and with machines. */
export function walkComplexity(walk: Walk, tolerance: number): WalkComplexity {
  const { horizon, reward } = walk;
  const { q, logps } = solveWalk(walk);
  const policy = policyGrid(walk);
  const states = (output: Told) => {
    type Node = readonly [time: number, place: number];
    const readable: Readable<Node> = {
      root: [0, 0],
      key: ([time, place]) => `${time},${place}`,
      next: ([time, place]) => (time < horizon ? STEPS.map((step) => [time + 1, place + step] as const) : []),
      output: ([time, place]) => output(time, place),
    };
    return smallestMachine(readable);
  };
  const before = (told: Told) => states((time, place) => (time < horizon ? told(time, place) : []));
  return {
    horizon,
    rewardLeaves: smallestTree(rewardGrid(walk), tolerance),
    policyLeaves: smallestTree(policy, tolerance),
    qLeaves: smallestTree(policyGrid(walk, q), tolerance),
    policyValues: new Set(
      policy.values.filter((value) => value !== undefined).map((value) => value.toFixed(9)),
    ).size,
    rewardStates: states((time, place) => (time < horizon ? [] : [reward(place)])),
    qStates: before(q),
    policyStates: before(logps),
  };
}
