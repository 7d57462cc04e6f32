import type { Plan } from "../results/plan.ts";
import type { Preset } from "../results/presets.ts";
import { type Laboratory, laboratory } from "./laboratory.ts";
import { keyEnvConfig } from "./settings.ts";
import type { Tuning } from "./tuning.ts";

/** A registered experiment. */
export interface Experiment {
  /** Its registration in data/predictions; begins with the number of its notebook. */
  readonly id: string;
  /** What one seed trains and judges. */
  readonly plan: (preset: Preset, seed: number) => Plan;
  /** The runs from which its settings were chosen, if any. */
  readonly tuning?: Tuning;
}

/** A plan in the main comparison's environment. */
export function inKeyEnv(plan: (lab: Laboratory) => Plan): Experiment["plan"] {
  return (preset, seed) => plan(laboratory(keyEnvConfig(preset), seed));
}
