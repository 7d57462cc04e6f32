import { logSumExp } from "./distributions.ts";
import { minimalAutomatonStates } from "./minimal-automaton.ts";
import { type Grid, minimalTreeLeaves } from "./minimal-tree.ts";

/**
 * Walks on a line from place 0. Each of `horizon` tokens is a step of −1, 0 or +1, and the reward depends on the final
 * place.
 */
export interface Walk {
  readonly horizon: number;
  readonly reward: (place: number) => number;
}

const STEPS = [-1, 0, 1] as const;

/** A reward of `size` for ending at `goal`, and 0 elsewhere. */
export const goalReward = (goal: number, size: number) => (place: number) => (place === goal ? size : 0);

/** A reward of `rate` times the final place. */
export const slopeReward = (rate: number) => (place: number) => rate * place;

/** Numbers for the steps −1, 0, +1 at a time and place. */
export type StepValues = (time: number, place: number) => readonly number[];

/** The soft optimum, which depends on time and place only, nats. */
export interface WalkOptimum {
  readonly q: StepValues;
  /** log π* = Q* − V*. */
  readonly logps: StepValues;
}

/** Soft value iteration over time and place: the policy that maximises E_π[r] + H(π). */
export function solveWalk({ horizon, reward }: Walk): WalkOptimum {
  const places = Array.from({ length: 2 * horizon + 1 }, (_, at) => at - horizon);
  const tables: (readonly number[])[][] = new Array(horizon);
  let values = places.map(reward);
  for (let time = horizon - 1; time >= 0; time--) {
    const table = places.map((_, at) => STEPS.map((step) => values[at + step] ?? -Infinity));
    tables[time] = table;
    values = table.map(logSumExp);
  }
  const q: StepValues = (time, place) => {
    const found = tables[time]?.[place + horizon];
    if (found === undefined)
      throw new Error(`A walk of ${horizon} steps has no place ${place} at time ${time}.`);
    return found;
  };
  const logps: StepValues = (time, place) => {
    const qValues = q(time, place);
    const total = logSumExp(qValues);
    return qValues.map((value) => value - total);
  };
  return { q, logps };
}

/** The reward over all final places. */
export function rewardGrid({ horizon, reward }: Walk): Grid {
  const places = 2 * horizon + 1;
  return { shape: [places], values: Array.from({ length: places }, (_, at) => reward(at - horizon)) };
}

/** `stepValues`, default log π*, over time, place and step; undefined at places that a walk cannot have reached. */
export function policyGrid(walk: Walk, stepValues: StepValues = solveWalk(walk).logps): Grid {
  const { horizon } = walk;
  const shape = [horizon, 2 * horizon + 1, STEPS.length];
  const values: (number | undefined)[] = [];
  for (let time = 0; time < horizon; time++)
    for (let place = -horizon; place <= horizon; place++)
      for (const step of STEPS.keys())
        values.push(Math.abs(place) <= time ? stepValues(time, place)[step] : undefined);
  return { shape, values };
}

/** Complexity of a walk's reward and of its soft-optimal policy. */
export interface WalkComplexity {
  readonly horizon: number;
  /** Leaves of the smallest tree over the final place for the reward. */
  readonly rewardLeaves: number;
  /** Leaves of the smallest trees over time, place and step for log π* and for Q*. */
  readonly policyLeaves: number;
  readonly qLeaves: number;
  /** Number of distinct values of log π*. */
  readonly policyValues: number;
  /** States of the minimal automata that read the steps one by one. */
  readonly rewardStates: number;
  readonly qStates: number;
  readonly policyStates: number;
}

/** Measures `walk` by the smallest trees with errors of at most `tolerance` nats, and by minimal automata. */
export function walkComplexity(walk: Walk, tolerance: number): WalkComplexity {
  const { horizon, reward } = walk;
  const { q, logps } = solveWalk(walk);
  const policy = policyGrid(walk);
  const states = (output: StepValues) =>
    minimalAutomatonStates<readonly [time: number, place: number]>({
      root: [0, 0],
      key: ([time, place]) => `${time},${place}`,
      next: ([time, place]) => (time < horizon ? STEPS.map((step) => [time + 1, place + step] as const) : []),
      output: ([time, place]) => output(time, place),
    });
  const beforeEnd = (stepValues: StepValues) =>
    states((time, place) => (time < horizon ? stepValues(time, place) : []));
  return {
    horizon,
    rewardLeaves: minimalTreeLeaves(rewardGrid(walk), tolerance),
    policyLeaves: minimalTreeLeaves(policy, tolerance),
    qLeaves: minimalTreeLeaves(policyGrid(walk, q), tolerance),
    policyValues: new Set(
      policy.values.filter((value) => value !== undefined).map((value) => value.toFixed(9)),
    ).size,
    rewardStates: states((time, place) => (time < horizon ? [] : [reward(place)])),
    qStates: beforeEnd(q),
    policyStates: beforeEnd(logps),
  };
}
