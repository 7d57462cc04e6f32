import { type Experiment, inKeyEnv } from "../experiment.ts";
import { mainComparisonPlan } from "./plan.ts";

export * from "./plan.ts";
export * from "./report.ts";

const plan = inKeyEnv(mainComparisonPlan);

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "01-main-comparison", plan },
  { id: "01-replication", plan },
];
