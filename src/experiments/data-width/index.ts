import { type Experiment, inKeyEnv } from "../experiment.ts";
import { inTuned } from "../tuned/laboratory.ts";
import { pairWidthPlan } from "./best-epochs.ts";
import { dataWidthPlan } from "./plan.ts";

export * from "./best-epochs.ts";
export * from "./plan.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [{ id: "06-h4-data", plan: inKeyEnv(dataWidthPlan) }];

/** The registered experiment of this folder whose runs are under way. */
export const running: readonly Experiment[] = [{ id: "06-pair-width", plan: inTuned(pairWidthPlan) }];
