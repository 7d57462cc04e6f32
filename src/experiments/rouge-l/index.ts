import type { Experiment } from "../experiment.ts";
import { rougeLAtBestEpochs } from "./best-epochs.ts";
import { rougeLPlan as plan } from "./plan.ts";
import { rougeLTuning as tuning } from "./tuning.ts";

export { gapArms, gapScorers, inMainTask } from "../gap-closes/plan.ts";
export * from "../gap-closes/report.ts";
export * from "./best-epochs.ts";
export * from "./plan.ts";
export * from "./report.ts";
export * from "./tuning.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [{ id: "11-ablation-rouge-l", plan, tuning }];

/** Registered experiments whose runs are under way. */
export const running: readonly Experiment[] = [{ id: "11-rouge-l", plan: rougeLAtBestEpochs }];
