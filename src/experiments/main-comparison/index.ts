import { type Experiment, inKeyEnv } from "../experiment.ts";
import { inTuned } from "../tuned/laboratory.ts";
import { bestEpochsPlan } from "./best-epochs.ts";
import { mainComparisonPlan } from "./plan.ts";

export * from "./best-epochs.ts";
export * from "./plan.ts";
export * from "./report.ts";

const plan = inKeyEnv(mainComparisonPlan);

/** What was registered and run before, with the faults that notebook 16 names. */
export const superseded: readonly Experiment[] = [
  { id: "01-main-comparison", plan },
  { id: "01-replication", plan },
];

/** The registered experiment of this folder. */
export const experiments: readonly Experiment[] = [{ id: "01-best-epochs", plan: inTuned(bestEpochsPlan) }];
