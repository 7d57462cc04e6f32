import type { Plan } from "../../results/plan.ts";
import type { Preset } from "../../results/presets.ts";
import { gapClosesPlan } from "../gap-closes/plan.ts";
import { type LaboratoryConfig, laboratory } from "../laboratory.ts";
import { keyEnvConfig } from "../settings.ts";

/** The temperature of the annotators' choices, in units of ROUGE-L. */
const TAU = 0.06;

/** The options of KeyEnv in which the gold reward is ROUGE-L against a hidden reference that the post determines. */
export function rougeLTask(tau = TAU) {
  return { reward: "rouge-l", tau } as const;
}

/** The settings of KeyEnv with ROUGE-L as the gold reward. */
export function rougeLConfig(preset: Preset, tau = TAU): LaboratoryConfig {
  return keyEnvConfig(preset, rougeLTask(tau));
}

/** The name of the main comparison's reward, facts, beside ROUGE-L. */
export const facts = "facts";

/** ROUGE-L as the reward beside the main comparison's. */
export function rougeLPlan(preset: Preset, seed: number): Plan {
  const own = laboratory(rougeLConfig(preset), seed);
  return gapClosesPlan(own, laboratory(keyEnvConfig(preset), seed), facts);
}
