import type { Plan } from "../../results/plan.ts";
import type { Preset } from "../../results/presets.ts";
import type { KeyEnvSpec } from "../../tasks/open-task.ts";
import type { Experiment } from "../experiment.ts";
import { type Laboratory, type LaboratoryConfig, laboratory } from "../laboratory.ts";
import { keyEnvConfig } from "../settings.ts";
import { tunedSettings } from "./settings.ts";

/** The settings of KeyEnv with the tuned reward model, and enough prompts to tell arms apart. `options` are the task's. */
export function tunedConfig(preset: Preset, options: KeyEnvSpec["options"] = {}): LaboratoryConfig {
  const config = keyEnvConfig(preset, options);
  const sizes = preset === "smoke" ? config.sizes : { ...config.sizes, validation: 1_000, evaluation: 2_000 };
  return { ...config, sizes, reward: { ...config.reward, ...tunedSettings.global } };
}

/** The laboratory of experiments in which every arm has its own tuned settings. */
export function tunedLaboratory(preset: Preset, seed: number): Laboratory {
  return laboratory(tunedConfig(preset), seed);
}

/** The laboratory of tunings on a seed: the tuned reward model, on as many prompts as usual. */
export function tuningLaboratory(seed: number): Laboratory {
  const { sizes } = keyEnvConfig("laptop");
  return laboratory({ ...tunedConfig("laptop"), sizes }, seed);
}

/** A plan in the tuned laboratory. */
export function inTuned(plan: (lab: Laboratory) => Plan): Experiment["plan"] {
  return (preset, seed) => plan(tunedLaboratory(preset, seed));
}
