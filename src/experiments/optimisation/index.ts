import { type Experiment, inKeyEnv } from "../experiment.ts";
import { inTuned } from "../tuned/laboratory.ts";
import { morePromptsPlan } from "./more-prompts.ts";
import { optimisationPlan } from "./plan.ts";

export * from "../computing-time.ts";
export * from "./more-prompts.ts";
export * from "./plan.ts";
export * from "./report.ts";

/** What was registered and run before, with the faults that notebook 16 names. */
export const superseded: readonly Experiment[] = [
  { id: "05-h3-optimisation", plan: inKeyEnv(optimisationPlan) },
];

/** The registered experiment of this folder. */
export const experiments: readonly Experiment[] = [{ id: "05-more-prompts", plan: inTuned(morePromptsPlan) }];
