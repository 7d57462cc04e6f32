import { type Experiment, inKeyEnv } from "../experiment.ts";
import { dataWidthPlan } from "./plan.ts";

export * from "./plan.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [{ id: "06-h4-data", plan: inKeyEnv(dataWidthPlan) }];
