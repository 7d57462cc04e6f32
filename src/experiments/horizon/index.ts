import type { Experiment } from "../experiment.ts";
import { clausesPlan, ringPlan } from "./plan.ts";

export * from "./plan.ts";
export * from "./report.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "13-horizon", plan: ringPlan },
  { id: "13-horizon-clauses", plan: clausesPlan },
];
