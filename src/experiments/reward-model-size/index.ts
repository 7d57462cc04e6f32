import { type Experiment, inKeyEnv } from "../experiment.ts";
import { rewardModelSizePlan } from "./plan.ts";
import { rewardModelSizeTuning } from "./tuning.ts";

export * from "./plan.ts";
export * from "./report.ts";
export * from "./tuning.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "09-ablation-rm-size", plan: inKeyEnv(rewardModelSizePlan), tuning: rewardModelSizeTuning },
];
