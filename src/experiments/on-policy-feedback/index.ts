import { type Experiment, inKeyEnv } from "../experiment.ts";
import { onPolicyFeedbackPlan } from "./plan.ts";

export * from "./plan.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "03-h1-on-policy-feedback", plan: inKeyEnv(onPolicyFeedbackPlan) },
];
