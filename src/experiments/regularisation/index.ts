import { type Experiment, inKeyEnv } from "../experiment.ts";
import { regularisationPlan } from "./plan.ts";

export * from "./plan.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "04-h2-regularisation", plan: inKeyEnv(regularisationPlan) },
];
