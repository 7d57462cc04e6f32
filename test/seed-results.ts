import type { ArmResult, ScorerResult, SeedResult } from "../src/results/collect.ts";
import type { Label } from "../src/results/labels.ts";

/* Hand-made results of one seed. */

/** A scorer of constant accuracy and probability whose best of n samples is worth n times `worth`. */
export const scorerResult = (scorer: Label, accuracy: number, worth = 1): ScorerResult => ({
  scorer,
  accuracy: [accuracy, accuracy],
  probability: [accuracy / 2, accuracy / 2],
  bestOf: [1, 25].map((n) => ({ n, values: [worth * n, worth * n] })),
  oracle: [1, 25].map((n) => ({ n, values: [2 * n, 2 * n] })),
});

/** An arm with the win rate `rate` on both of its prompts. */
export const armResult = (arm: Label, rate: number): ArmResult => ({
  arm,
  outcomes: [rate, rate],
  winRate: rate,
  completions: [],
  greedyRewards: [rate, rate],
  sampledRewards: [0, 0],
  referenceRewards: [0, 0],
  entropy: 1,
  malformed: 0,
  length: 5,
});

/** One seed with these parts and nothing else. */
export const seedResult = (seed: number, parts: Partial<SeedResult>): SeedResult => ({
  seed,
  arms: [],
  scorers: [],
  choices: [],
  curves: [],
  pairs: {},
  provenance: [],
  missing: [],
  sources: [],
  ...parts,
});
