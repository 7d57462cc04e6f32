import { keyEnvConfig } from "../configs.ts";
import type { Plan } from "../experiment.ts";
import { type LaboratoryConfig, laboratory } from "../laboratory.ts";
import type { Preset } from "../presets.ts";
import { closurePlan } from "./closure.ts";

/** KeyEnv with summaries of one clause, two words, by a human who does not favour important facts. */
export function twoWordsConfig(preset: Preset): LaboratoryConfig {
  return keyEnvConfig(preset, { clauses: 1, gamma: 0 });
}

/** Summaries of two words beside summaries of up to five clauses. */
export function twoWordsPlan(preset: Preset, seed: number): Plan {
  const usual = laboratory(keyEnvConfig(preset), seed);
  return closurePlan(laboratory(twoWordsConfig(preset), seed), usual, "five clauses");
}
