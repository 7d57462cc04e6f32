import type { Experiment } from "../experiment.ts";
import { twoWordsAtBestEpochs } from "./best-epochs.ts";
import { twoWordsPlan as plan } from "./plan.ts";
import { twoWordsTuning as tuning } from "./tuning.ts";

export { gapArms, gapScorers, inMainTask } from "../gap-closes/plan.ts";
export * from "../gap-closes/report.ts";
export * from "./best-epochs.ts";
export * from "./plan.ts";
export * from "./tuning.ts";

/** The registered experiments of this folder. */
export const experiments: readonly Experiment[] = [
  { id: "10-ablation-two-words", plan, tuning },
  { id: "10-replication", plan },
];

/** Registered experiments whose runs are under way. */
export const running: readonly Experiment[] = [{ id: "10-two-words", plan: twoWordsAtBestEpochs }];
