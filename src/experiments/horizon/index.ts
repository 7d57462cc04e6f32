import type { Experiment } from "../experiment.ts";
import { heldOutPlan, ringTuning } from "./held-out.ts";
import { clausesPlan, ringPlan } from "./plan.ts";

export * from "./held-out.ts";
export * from "./plan.ts";
export * from "./report.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "13-horizon", plan: ringPlan },
  { id: "13-horizon-clauses", plan: clausesPlan },
];

/** Registered experiments whose runs are under way. */
export const running: readonly Experiment[] = [
  { id: "13-ring-held-out", plan: heldOutPlan, tuning: ringTuning },
];
