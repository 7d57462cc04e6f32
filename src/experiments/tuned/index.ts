import type { Tuning } from "../tuning.ts";
import { rewardModelTuning } from "./reward-models.ts";

export * from "./reward-models.ts";
export * from "./trials.ts";

/** The tunings whose settings several experiments use. */
export const tunings: Readonly<Record<string, Tuning>> = {
  "reward-models": rewardModelTuning,
};
