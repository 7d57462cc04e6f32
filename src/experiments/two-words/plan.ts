import type { Plan } from "../../results/collect.ts";
import type { Preset } from "../../results/presets.ts";
import { closurePlan, closureTuning } from "../gap-closes/plan.ts";
import { type LaboratoryConfig, laboratory } from "../laboratory.ts";
import { keyEnvConfig } from "../settings.ts";
import type { Tuning } from "../tuning.ts";

/** How strongly the human of the demonstrations favours important facts: not at all. */
const GAMMA = 0;

/** KeyEnv with summaries of one clause, two words. */
export function twoWordsConfig(preset: Preset, gamma = GAMMA): LaboratoryConfig {
  return keyEnvConfig(preset, { clauses: 1, gamma });
}

/** Summaries of two words beside summaries of up to five clauses. */
export function twoWordsPlan(preset: Preset, seed: number): Plan {
  const usual = laboratory(keyEnvConfig(preset), seed);
  return closurePlan(laboratory(twoWordsConfig(preset), seed), usual, "five clauses");
}

/** How `gamma` was chosen: where neither floor nor ceiling hides a difference. */
export const twoWordsTuning: Tuning = {
  seeds: [0, 1, 2],
  plan: (seed) =>
    closureTuning({
      "gamma 0": laboratory(twoWordsConfig("laptop", 0), seed),
      "gamma 0.3": laboratory(twoWordsConfig("laptop", 0.3), seed),
    }),
};
