import type { MetricsRow } from "../training/trainer.ts";

const ROWS = 24;
const COLUMNS = [
  "step",
  "loss",
  "accuracy",
  "rewards/accuracies",
  "rewards/margins",
  "logps/chosen",
  "logps/rejected",
  "kl",
  "objective/scores",
  "objective/rlhf_reward",
  "objective/kl",
  "objective/entropy",
];

/** What the ledger keeps of training: at most 24 evenly spaced rows, the last among them, with the columns that are plotted. */
export function trainingRecord({ metrics }: { readonly metrics: readonly MetricsRow[] }): {
  metrics: MetricsRow[];
} {
  const every = Math.ceil(metrics.length / ROWS);
  const rows = metrics.filter((_, index) => (metrics.length - 1 - index) % every === 0);
  return {
    metrics: rows.map(
      (row) =>
        Object.fromEntries(
          COLUMNS.filter((name) => name in row).map((name) => [name, row[name]]),
        ) as MetricsRow,
    ),
  };
}
