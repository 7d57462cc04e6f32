import { type Experiment, inKeyEnv } from "../experiment.ts";
import { optimisationPlan } from "./plan.ts";

export * from "../computing-time.ts";
export * from "./plan.ts";
export * from "./report.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "05-h3-optimisation", plan: inKeyEnv(optimisationPlan) },
];
