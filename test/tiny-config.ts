import type { LaboratoryConfig } from "../src/experiments/laboratory.ts";
import { keyEnvConfig } from "../src/experiments/settings.ts";

const smoke = keyEnvConfig("smoke");

/** KeyEnv with a model and data small enough to train all arms within a test. */
export const tinyConfig: LaboratoryConfig = {
  ...smoke,
  sizes: { demonstrations: 128, pairs: 32, validation: 6, evaluation: 8 },
  model: { ...smoke.model, hidden_size: 16, intermediate_size: 32 },
  verification: { prompts: 3, completions: 5 },
};
