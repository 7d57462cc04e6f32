/*
 * The module `allroads`: by name what notebooks and scripts use most, everything else in one group per folder.
 */

export { cli } from "./cli.ts";
export { describeFailure } from "./command-line.ts";
export * as evaluation from "./evaluation/index.ts";
export * as experiments from "./experiments/index.ts";
export {
  againstHumans,
  armContests,
  planJudge,
  showJudging,
} from "./experiments/judging.ts";
export { type Laboratory, type LaboratoryConfig, laboratory } from "./experiments/laboratory.ts";
export {
  experimentPage,
  machineSentence,
  openExperiment,
  originOf,
  showProgress,
} from "./experiments/page.ts";
export { plansOf, runExperiment, runPlans } from "./experiments/programme.ts";
export { fromLedger, notebookPreset } from "./experiments/results-source.ts";
export { keyEnvConfig, neoxConfig } from "./experiments/settings.ts";
export * as theoryReport from "./experiments/theory/index.ts";
export * as tldr from "./experiments/tldr/index.ts";
export { readTuning } from "./experiments/tuning.ts";
export * as chapters from "./experiments/verdicts/index.ts";
export { type UserCode, userCode } from "./files/user-code.ts";
export * as hub from "./hub/index.ts";
export { chatJudge } from "./judge/chat-judge.ts";
export * as judge from "./judge/index.ts";
export { judgedWinRate } from "./judge/judged-win-rate.ts";
export * as models from "./models/index.ts";
export * as pipeline from "./pipeline/index.ts";
export { chart } from "./report/chart.ts";
export * as charts from "./report/charts.ts";
export * as report from "./report/index.ts";
export * as results from "./results/index.ts";
export { arms, type Label, label, scorers, variant } from "./results/labels.ts";
export { arm, judged, type Plan, seedPlan } from "./results/plan.ts";
export * as tasks from "./tasks/index.ts";
export * as tensors from "./tensors/index.ts";
export * as text from "./text/index.ts";
export * as theory from "./theory/index.ts";
export * as training from "./training/index.ts";
export * as verdicts from "./verdicts/index.ts";
