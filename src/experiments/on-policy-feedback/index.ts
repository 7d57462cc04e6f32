import { type Experiment, inKeyEnv } from "../experiment.ts";
import { inTuned } from "../tuned/laboratory.ts";
import { labelSourcesPlan } from "./label-sources.ts";
import { onPolicyFeedbackPlan } from "./plan.ts";

export * from "./label-sources.ts";
export * from "./plan.ts";

/** What was registered and run before, with the faults that notebook 16 names. */
export const superseded: readonly Experiment[] = [
  { id: "03-h1-on-policy-feedback", plan: inKeyEnv(onPolicyFeedbackPlan) },
];

/** The registered experiment of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "03-label-sources", plan: inTuned(labelSourcesPlan) },
];
