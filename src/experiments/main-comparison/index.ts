import { type Experiment, inKeyEnv } from "../experiment.ts";
import { inTuned } from "../tuned/laboratory.ts";
import { bestEpochsPlan } from "./best-epochs.ts";
import { mainComparisonPlan } from "./plan.ts";

export * from "./best-epochs.ts";
export * from "./plan.ts";
export * from "./report.ts";

const plan = inKeyEnv(mainComparisonPlan);

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "01-main-comparison", plan },
  { id: "01-replication", plan },
];

/** The registered experiment of this folder whose runs are under way. */
export const running: readonly Experiment[] = [{ id: "01-best-epochs", plan: inTuned(bestEpochsPlan) }];
