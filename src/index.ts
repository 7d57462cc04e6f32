/** What notebooks and scripts use, room by room. */
export { cli } from "./cli.ts";
export * from "./evaluation/best-of-n.ts";
export * from "./evaluation/bootstrap.ts";
export * from "./evaluation/pair-statistics.ts";
export * from "./evaluation/statistics.ts";
export * from "./evaluation/verification.ts";
export * from "./evaluation/win-rate.ts";
export * from "./experiments/data-fraction/plan.ts";
export * from "./experiments/data-fraction/report.ts";
export * from "./experiments/data-width/plan.ts";
export * from "./experiments/gap-closes/plan.ts";
export * from "./experiments/gap-closes/report.ts";
export * from "./experiments/generalisation/plan.ts";
export * from "./experiments/generalisation/report.ts";
export * from "./experiments/horizon/plan.ts";
export * from "./experiments/horizon/report.ts";
export * from "./experiments/laboratory.ts";
export * from "./experiments/main-comparison/plan.ts";
export * from "./experiments/on-policy-feedback/plan.ts";
export * from "./experiments/optimisation/plan.ts";
export * from "./experiments/optimisation/report.ts";
export * from "./experiments/origin.ts";
export * from "./experiments/paper-arms.ts";
export * from "./experiments/programme.ts";
export * from "./experiments/proper-learning/plan.ts";
export * from "./experiments/proper-learning/report.ts";
export { updateReadme } from "./experiments/readme.ts";
export * from "./experiments/regularisation/plan.ts";
export * from "./experiments/reward-model-size/plan.ts";
export * from "./experiments/reward-model-size/report.ts";
export * from "./experiments/rouge-l/plan.ts";
export * from "./experiments/settings.ts";
export * from "./experiments/theory/claim-text.ts";
export * from "./experiments/theory/sentences.ts";
export * from "./experiments/tuning.ts";
export * from "./experiments/two-words/plan.ts";
export * from "./experiments/verdicts/chapters.ts";
export * from "./files/repository.ts";
export * from "./models/batch.ts";
export * from "./models/checkpoint.ts";
export * from "./models/decoder.ts";
export * from "./models/gpt-neox.ts";
export * from "./models/initialization.ts";
export * from "./models/named-weights.ts";
export * from "./models/network.ts";
export * from "./models/quantised-delta.ts";
export * from "./models/reward-head.ts";
export * from "./models/safetensors.ts";
export * from "./models/sampling.ts";
export * from "./models/scorers.ts";
export * from "./models/scoring.ts";
export * from "./pipeline/execute.ts";
export * from "./pipeline/pool.ts";
export * from "./pipeline/run-stage.ts";
export * from "./pipeline/stage.ts";
export * from "./pipeline/store.ts";
export * from "./report/chart.ts";
export { shortNumber } from "./report/charts/values.ts";
export {
  bestOfNChart,
  classSizeChart,
  complexityChart,
  coverageChart,
  dataChart,
  estimatesChart,
  frontierChart,
  pairedDifferencesChart,
  planeChart,
  projectionsChart,
  sharpnessChart,
  trainingCurvesChart,
  trendChart,
  verdictsChart,
  winRateChart,
} from "./report/charts.ts";
export * from "./report/choices.ts";
export * from "./report/estimate-text.ts";
export * from "./report/findings-text.ts";
export * from "./report/headroom.ts";
export * from "./report/measured.ts";
export * from "./report/pairs-text.ts";
export * from "./report/points.ts";
export * from "./report/prediction-text.ts";
export * from "./report/published.ts";
export * from "./report/registration-text.ts";
export * from "./report/results.ts";
export * from "./report/scorers.ts";
export { secondarySentences } from "./report/sentences.ts";
export * from "./report/tables.ts";
export * from "./results/collect.ts";
export * from "./results/labels.ts";
export * from "./results/ledger.ts";
export * from "./results/measures.ts";
export * from "./results/presets.ts";
export * from "./results/variants.ts";
export * from "./tasks/key-env/task.ts";
export * from "./tasks/open-task.ts";
export * from "./tasks/ring.ts";
export * from "./tasks/scorers.ts";
export * from "./tasks/task.ts";
export * from "./tasks/tldr/files.ts";
export * from "./tasks/tldr/task.ts";
export * from "./tensors/backend.ts";
export * from "./tensors/compile.ts";
export * from "./tensors/random.ts";
export * from "./text/post.ts";
export * from "./text/rouge.ts";
export * from "./text/rows.ts";
export * from "./text/tokenizer.ts";
export * from "./theory/class-size.ts";
export * from "./theory/classes.ts";
export * from "./theory/completions.ts";
export * from "./theory/complexity.ts";
export * from "./theory/counterexample.ts";
export * from "./theory/coverage.ts";
export * from "./theory/differences.ts";
export * from "./theory/distributions.ts";
export * from "./theory/equivalence.ts";
export * from "./theory/features.ts";
export * from "./theory/gaussians.ts";
export * from "./theory/instances.ts";
export * from "./theory/lemma.ts";
export * from "./theory/machines.ts";
export * from "./theory/minimise.ts";
export * from "./theory/policies.ts";
export * from "./theory/preferences.ts";
export * from "./theory/roads.ts";
export * from "./theory/smallest-tree.ts";
export * from "./theory/soft-rl.ts";
export * from "./theory/spin.ts";
export * from "./theory/walks.ts";
export * from "./training/losses.ts";
export * from "./training/on-policy-kl.ts";
export * from "./training/optimizer.ts";
export * from "./training/pairs.ts";
export * from "./training/preference.ts";
export * from "./training/reward-model.ts";
export * from "./training/sft.ts";
export * from "./training/shared-trainer.ts";
export * from "./training/train.ts";
export * from "./verdicts/claims.ts";
export * from "./verdicts/contrasts.ts";
export * from "./verdicts/estimates.ts";
export * from "./verdicts/hypotheses.ts";
export * from "./verdicts/predictions.ts";
export * from "./verdicts/registration.ts";
export * from "./verdicts/verdict.ts";
