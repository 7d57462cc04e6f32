import { type Experiment, inKeyEnv } from "../experiment.ts";
import { inTuned } from "../tuned/laboratory.ts";
import { ladderPlan } from "./ladder.ts";
import { generalisationPlan } from "./plan.ts";
import { generalisationTuning } from "./tuning.ts";

export * from "./ladder.ts";
export * from "./plan.ts";
export * from "./report.ts";
export * from "./reward-models.ts";
export * from "./tuning.ts";

/** What was registered and run before, with the faults that notebook 16 names. */
export const superseded: readonly Experiment[] = [
  { id: "07-h5-generalisation", plan: inKeyEnv(generalisationPlan), tuning: generalisationTuning },
];

/** The registered experiment of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "07-reward-model-ladder", plan: inTuned(ladderPlan) },
];
