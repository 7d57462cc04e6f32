import { type Experiment, inKeyEnv } from "../experiment.ts";
import { inTuned } from "../tuned/laboratory.ts";
import { explicitKlPlan } from "./explicit-kl.ts";
import { regularisationPlan } from "./plan.ts";

export * from "./explicit-kl.ts";
export * from "./plan.ts";

/** What was registered and run before, with the faults that notebook 16 names. */
export const superseded: readonly Experiment[] = [
  { id: "04-h2-regularisation", plan: inKeyEnv(regularisationPlan) },
];

/** The registered experiment of this folder. */
export const experiments: readonly Experiment[] = [{ id: "04-explicit-kl", plan: inTuned(explicitKlPlan) }];
