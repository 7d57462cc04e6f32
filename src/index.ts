/** What notebooks and scripts use, room by room. */
export { cli } from "./cli.ts";
export * from "./evaluation/best-of-n.ts";
export * from "./evaluation/bootstrap.ts";
export * from "./evaluation/pair-statistics.ts";
export * from "./evaluation/statistics.ts";
export * from "./evaluation/verification.ts";
export * from "./evaluation/win-rate.ts";
export * from "./experiments/configs.ts";
export * from "./experiments/execute.ts";
export * from "./experiments/experiment.ts";
export * from "./experiments/laboratory.ts";
export * from "./experiments/ledger.ts";
export * from "./experiments/open-task.ts";
export * from "./experiments/plans/closure.ts";
export * from "./experiments/plans/data.ts";
export * from "./experiments/plans/data-fraction.ts";
export * from "./experiments/plans/generalisation.ts";
export * from "./experiments/plans/horizon.ts";
export * from "./experiments/plans/main-comparison.ts";
export * from "./experiments/plans/on-policy-feedback.ts";
export * from "./experiments/plans/optimisation.ts";
export * from "./experiments/plans/paper-arms.ts";
export * from "./experiments/plans/proper-learning.ts";
export * from "./experiments/plans/regularisation.ts";
export * from "./experiments/plans/reward-model-size.ts";
export * from "./experiments/plans/rouge-l.ts";
export * from "./experiments/plans/two-words.ts";
export * from "./experiments/pool.ts";
export * from "./experiments/presets.ts";
export * from "./experiments/programme.ts";
export * from "./experiments/registrations.ts";
export * from "./experiments/repository.ts";
export * from "./experiments/run-stage.ts";
export * from "./experiments/stage.ts";
export * from "./experiments/store.ts";
export * from "./experiments/tldr-files.ts";
export * from "./experiments/tuning.ts";
export * from "./experiments/variants.ts";
export * from "./models/checkpoint.ts";
export * from "./models/decoder.ts";
export * from "./models/gpt-neox.ts";
export * from "./models/over-groups.ts";
export * from "./models/quantised.ts";
export * from "./models/safetensors.ts";
export * from "./models/sampling.ts";
export * from "./models/scorers.ts";
export * from "./report/arms.ts";
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
export * from "./report/claim-text.ts";
export * from "./report/claims.ts";
export * from "./report/closure.ts";
export * from "./report/contrasts.ts";
export * from "./report/data-fraction.ts";
export * from "./report/estimate-text.ts";
export * from "./report/estimates.ts";
export * from "./report/findings-text.ts";
export * from "./report/gaps.ts";
export * from "./report/generalisation.ts";
export * from "./report/headroom.ts";
export * from "./report/horizon.ts";
export * from "./report/hypotheses.ts";
export * from "./report/measured.ts";
export * from "./report/measures.ts";
export * from "./report/optimisation-points.ts";
export * from "./report/origin.ts";
export * from "./report/pairs-text.ts";
export * from "./report/points.ts";
export * from "./report/prediction-text.ts";
export * from "./report/predictions.ts";
export * from "./report/published.ts";
export { updateReadme } from "./report/readme.ts";
export * from "./report/registration-text.ts";
export * from "./report/results.ts";
export * from "./report/reward-model-size.ts";
export { secondarySentences } from "./report/sentences.ts";
export * from "./report/tables.ts";
export * from "./report/theory-sentences.ts";
export * from "./report/verdict.ts";
export * from "./report/verdicts.ts";
export * from "./report/verifiers.ts";
export * from "./tasks/key-env.ts";
export * from "./tasks/ring.ts";
export * from "./tasks/scorers.ts";
export * from "./tasks/task.ts";
export * from "./tasks/tldr.ts";
export * from "./tensors/backend.ts";
export * from "./tensors/compile.ts";
export * from "./tensors/random.ts";
export * from "./text/post.ts";
export * from "./text/rouge.ts";
export * from "./text/rows.ts";
export * from "./text/tokenizer.ts";
export * from "./theory/bfgs.ts";
export * from "./theory/class-size.ts";
export * from "./theory/completion-space.ts";
export * from "./theory/complexity.ts";
export * from "./theory/counterexample.ts";
export * from "./theory/coverage.ts";
export * from "./theory/distributions.ts";
export * from "./theory/equivalence.ts";
export * from "./theory/features.ts";
export * from "./theory/function-classes.ts";
export * from "./theory/gaussians.ts";
export * from "./theory/minimal-automaton.ts";
export * from "./theory/minimal-tree.ts";
export * from "./theory/policies.ts";
export * from "./theory/preferences.ts";
export * from "./theory/random-instances.ts";
export * from "./theory/reverse-kl-lemma.ts";
export * from "./theory/rlhf-vs-mle.ts";
export * from "./theory/soft-rl.ts";
export * from "./theory/spin.ts";
export * from "./theory/violated-conditions.ts";
export * from "./theory/walks.ts";
export * from "./training/losses.ts";
export * from "./training/optimizer.ts";
export * from "./training/pairs.ts";
export * from "./training/preference.ts";
export * from "./training/reward-model.ts";
export * from "./training/schedules.ts";
export * from "./training/sft.ts";
export * from "./training/train.ts";
