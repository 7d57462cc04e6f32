import { bestOfN } from "../evaluation/best-of-n.ts";
import type { PairStatistics } from "../evaluation/pair-statistics.ts";
import { mean } from "../evaluation/statistics.ts";
import { meanProbability, pairwiseAccuracy } from "../evaluation/verification.ts";
import type { Evaluation, Provenance, StageResult, Verification } from "../pipeline/store.ts";
import type { MetricsRow } from "../training/train.ts";

/** What reports read of a stage: small enough to be kept beside the code. */
export interface StageRecord {
  readonly evaluation?: EvaluationRecord;
  readonly verification?: VerificationRecord;
  /** Some of the training's rows and columns, evenly spaced, the last row among them. */
  readonly metrics?: readonly MetricsRow[];
  /** How many preference pairs it made. */
  readonly pairs?: number;
  readonly pairStatistics?: PairStatistics;
  readonly provenance: Provenance;
}

/** An evaluation with the completions of the first prompts only, and the optimum's mean. */
export interface EvaluationRecord extends Omit<Evaluation, "optima"> {
  readonly optimum?: number;
}

/** What a verifier is judged by. Arrays are over prompts. */
export interface VerificationRecord {
  /** How often it orders two samples as gold does; prompts whose pairs gold ties all are left out. */
  readonly accuracy: readonly number[];
  /** The same over all pairs of samples that both keep the task's form, not by prompt; absent where there are none. */
  readonly wellFormedAccuracy?: number;
  /** The mean probability that it gives to the annotator's labels; absent where there is no annotator. */
  readonly probability?: readonly number[];
  /** Gold reward of the best of N samples by its scores, and by gold's own. */
  readonly bestOf: readonly BestOf[];
  readonly oracle: readonly BestOf[];
  readonly deltaBits?: number;
}

/** Gold rewards of the best of `n` samples, by prompt. */
export interface BestOf {
  readonly n: number;
  readonly values: readonly number[];
}

const SHOWN_COMPLETIONS = 8;
const METRICS_ROWS = 24;
/** What is kept of a training step. */
const METRICS = [
  "step",
  "loss",
  "accuracy",
  "rewards/accuracies",
  "rewards/margins",
  "logps/chosen",
  "logps/rejected",
  "kl",
];
const BEST_OF = [1, 2, 5, 10, 25];

/** The record of a stored stage. */
export function recordOf(result: StageResult & { readonly provenance: Provenance }): StageRecord {
  const { evaluation, verification, metrics, pairs, pairStatistics, provenance } = result;
  return {
    evaluation: evaluation && evaluationRecord(evaluation),
    verification: verification && verificationRecord(verification),
    metrics: metrics && thinned(metrics),
    pairs: pairs?.length,
    pairStatistics,
    provenance,
  };
}

function evaluationRecord({ optima, completions, ...evaluation }: Evaluation): EvaluationRecord {
  return {
    ...evaluation,
    completions: completions.slice(0, SHOWN_COMPLETIONS),
    optimum: optima && mean(optima),
  };
}

function verificationRecord({
  scores,
  gold,
  malformed,
  labels,
  deltaBits,
}: Verification): VerificationRecord {
  const scored = scores.map(pairDifferences);
  const truth = gold.map(pairDifferences);
  const decided = truth.map((differences) => differences.some((difference) => difference !== 0));
  const sound = truth.flatMap((differences, prompt) =>
    differences.flatMap((difference, pair) => {
      const errors = malformed?.[prompt]?.slice(2 * pair, 2 * pair + 2).includes(1);
      return errors === false && difference !== 0 ? [{ difference, scored: scored[prompt]![pair]! }] : [];
    }),
  );
  const ns = BEST_OF.filter((n) => n <= gold[0]!.length);
  const best = (by: Verification["scores"]) => ns.map((n) => ({ n, values: bestOfN(by, gold, n) }));
  return {
    accuracy: scored.flatMap((differences, prompt) =>
      decided[prompt] ? [pairwiseAccuracy(differences, truth[prompt]!)] : [],
    ),
    wellFormedAccuracy:
      sound.length === 0
        ? undefined
        : pairwiseAccuracy(
            sound.map((pair) => pair.scored),
            sound.map((pair) => pair.difference),
          ),
    probability: labels?.map((firstPreferred, prompt) =>
      meanProbability(
        scored[prompt]!.map((difference, pair) => (firstPreferred[pair] ? difference : -difference)),
      ),
    ),
    bestOf: best(scores),
    oracle: best(gold),
    deltaBits,
  };
}

/** Differences within disjoint pairs of a prompt's samples: the first less the second, and so on. */
function pairDifferences(row: readonly number[]): number[] {
  return Array.from({ length: Math.floor(row.length / 2) }, (_, pair) => row[2 * pair]! - row[2 * pair + 1]!);
}

function thinned(rows: readonly MetricsRow[]): MetricsRow[] {
  const every = Math.ceil(rows.length / METRICS_ROWS);
  return rows
    .filter((_, index) => (rows.length - 1 - index) % every === 0)
    .map((row) => Object.fromEntries(METRICS.flatMap((name) => (name in row ? [[name, row[name]!]] : []))));
}
