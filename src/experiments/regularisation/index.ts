import { type Experiment, inKeyEnv } from "../experiment.ts";
import { inTuned } from "../tuned/laboratory.ts";
import { explicitKlPlan } from "./explicit-kl.ts";
import { regularisationPlan } from "./plan.ts";

export * from "./explicit-kl.ts";
export * from "./plan.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "04-h2-regularisation", plan: inKeyEnv(regularisationPlan) },
];

/** The registered experiment of this folder whose runs are under way. */
export const running: readonly Experiment[] = [{ id: "04-explicit-kl", plan: inTuned(explicitKlPlan) }];
