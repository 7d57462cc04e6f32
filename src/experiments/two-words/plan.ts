import type { Plan } from "../../results/plan.ts";
import type { Preset } from "../../results/presets.ts";
import { gapClosesPlan } from "../gap-closes/plan.ts";
import { type LaboratoryConfig, laboratory } from "../laboratory.ts";
import { keyEnvConfig } from "../settings.ts";

/** How strongly the human of the demonstrations prefers important facts: not at all. */
const GAMMA = 0;

/** The options of KeyEnv for summaries of one clause, two words. */
export function twoWordsTask(gamma = GAMMA) {
  return { clauses: 1, gamma };
}

/** The settings of KeyEnv for summaries of two words. */
export function twoWordsConfig(preset: Preset, gamma = GAMMA): LaboratoryConfig {
  return keyEnvConfig(preset, twoWordsTask(gamma));
}

/** The name of the main comparison's task, summaries of up to five clauses, beside two words. */
export const fiveClauses = "five clauses";

/** Summaries of two words beside summaries of up to five clauses. */
export function twoWordsPlan(preset: Preset, seed: number): Plan {
  const own = laboratory(twoWordsConfig(preset), seed);
  return gapClosesPlan(own, laboratory(keyEnvConfig(preset), seed), fiveClauses);
}
