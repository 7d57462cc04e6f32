import type { Experiment } from "../experiment.ts";
import { inTuned } from "../tuned/laboratory.ts";
import { properLearningPlan } from "./plan.ts";
import { verifierKnobsPlan, verifierSlopesPlan } from "./verifier-knobs.ts";

export * from "../computing-time.ts";
export * from "./plan.ts";
export * from "./report.ts";
export * from "./verifier-knobs.ts";

/** What was registered and run before, with the faults that notebook 16 names. */
export const superseded: readonly Experiment[] = [{ id: "08-h6-proper-learning", plan: properLearningPlan }];

/** The registered experiment of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "08-verifier-knobs", plan: inTuned(verifierKnobsPlan) },
];

/** The registered experiment of this folder whose runs are under way. */
export const running: readonly Experiment[] = [
  { id: "08-verifier-slopes", plan: inTuned(verifierSlopesPlan) },
];
