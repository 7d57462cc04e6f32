import type { Experiment } from "../experiment.ts";
import { properLearningPlan } from "./plan.ts";

export * from "../computing-time.ts";
export * from "./plan.ts";
export * from "./report.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [{ id: "08-h6-proper-learning", plan: properLearningPlan }];
