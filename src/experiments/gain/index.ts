import type { Experiment } from "../experiment.ts";
import { inTuned } from "../tuned/laboratory.ts";
import { gainPlan } from "./plan.ts";

export * from "./plan.ts";

/** The registered experiment of this folder whose runs are under way. */
export const running: readonly Experiment[] = [{ id: "15-gain", plan: inTuned(gainPlan) }];
