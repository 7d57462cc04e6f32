import { type Experiment, inKeyEnv } from "../experiment.ts";
import { inTuned } from "../tuned/laboratory.ts";
import { rewardModelSizesPlan, rewardModelSizesTuning } from "./best-epochs.ts";
import { rewardModelSizePlan } from "./plan.ts";
import { rewardModelSizeTuning } from "./tuning.ts";

export * from "./best-epochs.ts";
export * from "./plan.ts";
export * from "./report.ts";
export * from "./tuning.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "09-ablation-rm-size", plan: inKeyEnv(rewardModelSizePlan), tuning: rewardModelSizeTuning },
];

/** Registered experiments whose runs are under way. */
export const running: readonly Experiment[] = [
  { id: "09-reward-model-sizes", plan: inTuned(rewardModelSizesPlan), tuning: rewardModelSizesTuning },
];
