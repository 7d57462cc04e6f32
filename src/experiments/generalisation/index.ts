import { type Experiment, inKeyEnv } from "../experiment.ts";
import { generalisationPlan } from "./plan.ts";
import { generalisationTuning } from "./tuning.ts";

export * from "./plan.ts";
export * from "./report.ts";
export * from "./reward-models.ts";
export * from "./tuning.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "07-h5-generalisation", plan: inKeyEnv(generalisationPlan), tuning: generalisationTuning },
];
