import { readFileSync } from "node:fs";
import type { Comparison } from "../../src/theory/preferences.ts";

type Pair = [first: number, second: number, winsOfFirst: number, winsOfSecond: number];

/** What fixtures/make_optima.py writes: optima that scipy, choix and scikit-learn found. */
export interface Reference {
  bradleyTerry: { pairs: Pair[]; rewards: number[]; loss: number }[];
  roads: {
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

/** The fixture's counts as comparisons, either way round. */
export function comparisonsOf(pairs: readonly Pair[]): Comparison[] {
  return pairs.flatMap(([first, second, wins, losses]) => [
    { chosen: first, rejected: second, weight: wins },
    { chosen: second, rejected: first, weight: losses },
  ]);
}
