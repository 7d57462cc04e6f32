import type { Trial } from "./trials.ts";

/**
 * The settings of every arm and reward model that the tunings chose, `data/tuning/reward-models.json`,
 * `data/tuning/policies-*.json` and `data/tuning/other-policies.json`. A test compares them with these tables.
 */
export const tunedSettings = {
  global: { learningRate: 3e-3, beta: 8 },
  local: { learningRate: 6e-3, beta: 0.5 },
  last: { learningRate: 3e-3, beta: 4 },
  dpoReward: { learningRate: 1.2e-2, beta: 0.125 },
  dpo: { learningRate: 1e-3, beta: 2 },
  onlineSft: { learningRate: 1e-3, beta: 8 },
  onlineByLocal: { learningRate: 1e-3, beta: 16 },
  dpoReanchored: { learningRate: 1e-3, beta: 0.5 },
  onlineDpo: { learningRate: 1e-3, beta: 2 },
  raft: { learningRate: 1e-3, beta: 1 },
  rebel: { learningRate: 1e-3, beta: 1 },
  rloo: { learningRate: 1e-3, beta: 0.5 },
} as const satisfies Record<string, Trial>;
