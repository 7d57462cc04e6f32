import { type Experiment, inKeyEnv } from "../experiment.ts";
import { inTuned } from "../tuned/laboratory.ts";
import { pairWidthPlan } from "./best-epochs.ts";
import { dataWidthPlan } from "./plan.ts";

export * from "./best-epochs.ts";
export * from "./plan.ts";

/** What was registered and run before, with the faults that notebook 16 names. */
export const superseded: readonly Experiment[] = [{ id: "06-h4-data", plan: inKeyEnv(dataWidthPlan) }];

/** The registered experiment of this folder. */
export const experiments: readonly Experiment[] = [{ id: "06-pair-width", plan: inTuned(pairWidthPlan) }];
