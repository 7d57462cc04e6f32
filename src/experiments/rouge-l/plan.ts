import type { Plan } from "../../results/collect.ts";
import type { Preset } from "../../results/presets.ts";
import { closurePlan, closureTuning } from "../gap-closes/plan.ts";
import { type LaboratoryConfig, laboratory } from "../laboratory.ts";
import { keyEnvConfig } from "../settings.ts";
import type { Tuning } from "../tuning.ts";

/** The temperature of the annotators' choices, in units of ROUGE-L. */
const TAU = 0.06;

/** KeyEnv in which the gold reward is ROUGE-L against a hidden reference that the post foretells. */
export function rougeLConfig(preset: Preset, tau = TAU): LaboratoryConfig {
  return keyEnvConfig(preset, { reward: "rouge-l", tau });
}

/** The hidden reference's reward beside the usual one, facts. */
export function rougeLPlan(preset: Preset, seed: number): Plan {
  const usual = laboratory(keyEnvConfig(preset), seed);
  return closurePlan(laboratory(rougeLConfig(preset), seed), usual, "facts");
}

/** How `tau` was chosen: where the reward can be learned. */
export const rougeLTuning: Tuning = {
  seeds: [0],
  plan: (seed) =>
    closureTuning({
      "tau 0.06": laboratory(rougeLConfig("laptop", 0.06), seed),
      "tau 0.12": laboratory(rougeLConfig("laptop", 0.12), seed),
    }),
};
