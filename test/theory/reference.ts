import { readFileSync } from "node:fs";
import type { Comparison } from "../../src/theory/preferences.ts";

type Pair = [first: number, second: number, winsOfFirst: number, winsOfSecond: number];

/** Optima found by scipy, choix and scikit-learn, as fixtures/make_optima.py writes them. */
export interface Reference {
  bradleyTerry: { pairs: Pair[]; rewards: number[]; loss: number }[];
  rlhfVsMle: {
    actions: number;
    horizon: number;
    pairs: Pair[];
    features: number[][];
    reference: number[];
    beta: number;
    rewards: number[];
    linear: number[];
    softReturn: number;
    softOptimal: number[];
    offline: number[];
    offlineLoss: number;
    dpo: number[];
    memorylessRl: number[];
    memorylessOffline: number[];
  }[];
  divergences: { p: number[]; q: number[]; kl: number; entropy: number }[];
  projections: {
    weight: number;
    centres: [number, number];
    width: number;
    forward: [centre: number, width: number, divergence: number];
    reverse: [centre: number, width: number, divergence: number];
  }[];
  trees: { shape: number[]; values: number[]; tolerance: number; greedyLeaves: number }[];
}

export const reference: Reference = JSON.parse(
  readFileSync(new URL("fixtures/optima.json", import.meta.url), "utf8"),
);

/** The last of a fixture's cases, which is the largest. */
export function last<T>(cases: readonly T[]): T {
  const found = cases.at(-1);
  if (found === undefined) throw new Error("The fixture has no cases: run fixtures/make_optima.py.");
  return found;
}

/** The fixture's counts as comparisons in both orders. */
export function toComparisons(pairs: readonly Pair[]): Comparison[] {
  return pairs.flatMap(([first, second, wins, losses]) => [
    { chosen: first, rejected: second, weight: wins },
    { chosen: second, rejected: first, weight: losses },
  ]);
}
