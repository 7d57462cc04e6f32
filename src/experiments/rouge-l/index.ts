import type { Experiment } from "../experiment.ts";
import { rougeLPlan as plan } from "./plan.ts";
import { rougeLTuning as tuning } from "./tuning.ts";

export { gapArms, gapScorers, inMainTask } from "../gap-closes/plan.ts";
export * from "../gap-closes/report.ts";
export * from "./plan.ts";
export * from "./report.ts";
export * from "./tuning.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [{ id: "11-ablation-rouge-l", plan, tuning }];
