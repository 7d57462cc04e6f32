import { type Experiment, inKeyEnv } from "../experiment.ts";
import { dataFractionPlan } from "./plan.ts";

export * from "./plan.ts";
export * from "./report.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "12-ablation-data-fraction", plan: inKeyEnv(dataFractionPlan) },
];
