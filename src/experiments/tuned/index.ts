import type { Experiment } from "../experiment.ts";
import type { Tuning } from "../tuning.ts";
import { tuningByLocal, tuningFromDpo, tuningFromSft, tuningOfOthers } from "./policies.ts";
import { rewardModelTuning } from "./reward-models.ts";

export * from "./best-trial.ts";
export * from "./epochs.ts";
export * from "./gap-slider.ts";
export * from "./laboratory.ts";
export * from "./policies.ts";
export * from "./report.ts";
export * from "./reward-models.ts";
export * from "./settings.ts";
export * from "./trials.ts";

/** Settings have no experiments of their own. */
export const experiments: readonly Experiment[] = [];

/** The tunings whose settings several experiments use. */
export const tunings: Readonly<Record<string, Tuning>> = {
  "reward-models": rewardModelTuning,
  "policies-from-sft": tuningFromSft,
  "policies-from-dpo": tuningFromDpo,
  "policies-by-local": tuningByLocal,
  "other-policies": tuningOfOthers,
};
