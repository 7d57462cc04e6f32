import { keyEnvConfig } from "../configs.ts";
import type { Plan } from "../experiment.ts";
import { type LaboratoryConfig, laboratory } from "../laboratory.ts";
import type { Preset } from "../presets.ts";
import { closurePlan } from "./closure.ts";

/** KeyEnv in which the gold reward is ROUGE-L against a hidden reference that the post foretells. */
export function rougeLConfig(preset: Preset): LaboratoryConfig {
  return keyEnvConfig(preset, { reward: "rouge-l" });
}

/** The hidden reference's reward beside the usual one, facts. */
export function rougeLPlan(preset: Preset, seed: number): Plan {
  const usual = laboratory(keyEnvConfig(preset), seed);
  return closurePlan(laboratory(rougeLConfig(preset), seed), usual, "facts");
}
