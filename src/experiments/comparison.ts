import { bestOfN } from "../evaluation/best-of-n.ts";
import { mean } from "../evaluation/statistics.ts";
import { pairwiseAccuracy } from "../evaluation/verification.ts";
import { winRate } from "../evaluation/win-rate.ts";
import type { NeoXConfig } from "../models/gpt-neox.ts";
import type { DataSizes } from "../tasks/task.ts";
import type { PreferenceOptions } from "../training/preference.ts";
import type { SftOptions } from "../training/sft.ts";
import type { MetricsRow, TrainingOptions } from "../training/train.ts";
import { type ExecutionProgress, execute } from "./execute.ts";
import type { TaskSpec } from "./open-task.ts";
import type { Pool } from "./pool.ts";
import {
  type EvaluationStage,
  type PairsStage,
  type PolicyStage,
  type PreferenceStage,
  type Setting,
  type Stage,
  stageId,
  type VerificationStage,
  withAncestors,
} from "./stage.ts";
import { type Evaluation, type Provenance, readResult, type StageResult } from "./store.ts";

/** The paper's main comparison in one environment: every number that it is run with. */
export interface ComparisonConfig {
  readonly task: TaskSpec;
  readonly sizes: DataSizes;
  readonly model: NeoXConfig;
  readonly sft: Omit<SftOptions, "seed">;
  readonly reward: Omit<TrainingOptions, "seed">;
  /** For offline and online alike. */
  readonly preference: Omit<PreferenceOptions, "seed" | "epochs">;
  readonly online: { readonly completions: number; readonly temperature: number; readonly epochs: number };
  /** The temperature at which pairs for labelling and samples for verification are drawn. */
  readonly samplingTemperature: number;
  readonly verification: { readonly prompts: number; readonly completions: number };
}

/** The registered offline arms' epochs: `dpo-best` is, per seed, the one that did best on the validation prompts. */
export const offlineEpochs = { dpo: 1, "dpo-2x": 2, "dpo-5x": 5 } as const;
/** Offline arms beyond the registered ones: they are shown and decide nothing. */
export const exploratoryEpochs = { "dpo-10x": 10 } as const;
export type TrainedArm =
  | "sft"
  | keyof typeof offlineEpochs
  | keyof typeof exploratoryEpochs
  | "online-sft"
  | "online-dpo";
export type Arm = TrainedArm | "dpo-best";

/** One arm of one seed, on the evaluation prompts. */
export interface ArmResult extends Evaluation {
  readonly arm: Arm;
  /** 1, ½ or 0 per prompt: the greedy completion against the reference by gold reward. */
  readonly outcomes: readonly number[];
  readonly winRate: number;
}

/** A verifier on the SFT policy's samples. */
export interface VerifierResult {
  readonly verifier: "gold" | "global" | "dpo";
  /** How often it orders two samples of a prompt as gold does; absent where gold ties all of them. */
  readonly accuracy: number | undefined;
  /** Mean gold reward of the best of N by its scores. */
  readonly bestOfN: readonly { readonly n: number; readonly value: number }[];
}

/** One seed of the comparison. */
export interface SeedResult {
  readonly seed: number;
  readonly arms: readonly ArmResult[];
  /** How many epochs `dpo-best` took. */
  readonly bestEpochs: number;
  /** Validation win rate by offline epochs, from which `bestEpochs` was chosen. */
  readonly validation: readonly { readonly epochs: number; readonly winRate: number }[];
  readonly curves: readonly { readonly arm: TrainedArm; readonly rows: readonly MetricsRow[] }[];
  readonly verifiers: readonly VerifierResult[];
  readonly pairs: number;
  /** Where each stage was computed and for how long, by the stage's id. */
  readonly provenance: readonly (Provenance & { readonly stage: string })[];
}

interface SeedPlan {
  readonly policies: Record<TrainedArm, PolicyStage>;
  readonly pairs: PairsStage;
  readonly evaluations: Record<TrainedArm, EvaluationStage>;
  readonly validations: Record<keyof typeof offlineEpochs, EvaluationStage>;
  readonly verifications: Record<"global" | "dpo", VerificationStage>;
}

/**
 * Trains and evaluates every arm on every seed, with what the run store holds already re-used, and returns
 * the results by seed. The store is a folder; several processes may share it.
 */
export async function runComparison(
  config: ComparisonConfig,
  seeds: readonly number[],
  store: string,
  pool: Pool,
  onProgress?: (progress: ExecutionProgress) => void,
): Promise<SeedResult[]> {
  const plans = seeds.map((seed) => planSeed(config, seed));
  await execute(store, plans.flatMap(wantedStages), pool, onProgress);
  return plans.map((plan, index) => collect(store, seeds[index]!, plan));
}

/** Every stage of one seed: SFT; pairs; reward model; offline DPO; online DPO from SFT and from DPO. */
export function planSeed(config: ComparisonConfig, seed: number): SeedPlan {
  const setting: Setting = { task: config.task, sizes: config.sizes, seed };
  const sft: PolicyStage = { kind: "sft", setting, model: config.model, options: config.sft };
  const pairs: PairsStage = {
    kind: "offline-pairs",
    setting,
    policy: sft,
    temperature: config.samplingTemperature,
  };
  const reward = { kind: "reward", setting, policy: sft, pairs, options: config.reward } as const;
  const preference = (policy: PolicyStage, on: PairsStage, epochs: number): PreferenceStage => ({
    kind: "preference",
    setting,
    policy,
    pairs: on,
    options: { ...config.preference, epochs },
  });
  const online = (policy: PolicyStage) => {
    const { epochs, ...sampling } = config.online;
    return preference(policy, { kind: "online-pairs", setting, policy, reward, ...sampling }, epochs);
  };
  const dpo = preference(sft, pairs, offlineEpochs.dpo);
  const policies: Record<TrainedArm, PolicyStage> = {
    sft,
    dpo,
    "dpo-2x": preference(sft, pairs, offlineEpochs["dpo-2x"]),
    "dpo-5x": preference(sft, pairs, offlineEpochs["dpo-5x"]),
    "dpo-10x": preference(sft, pairs, exploratoryEpochs["dpo-10x"]),
    "online-sft": online(sft),
    "online-dpo": online(dpo),
  };
  const evaluation =
    (split: "evaluation" | "validation") =>
    (policy: PolicyStage): EvaluationStage => ({ kind: "evaluation", setting, policy, split });
  const verification = (verifier: VerificationStage["verifier"]): VerificationStage => ({
    kind: "verification",
    setting,
    policy: sft,
    verifier,
    temperature: config.samplingTemperature,
    ...config.verification,
  });
  return {
    policies,
    pairs,
    evaluations: mapValues(policies, evaluation("evaluation")),
    validations: mapValues(offlineEpochs, (_, arm) => evaluation("validation")(policies[arm])),
    verifications: { global: verification(reward), dpo: verification(dpo) },
  };
}

function wantedStages({ evaluations, validations, verifications }: SeedPlan): Stage[] {
  return [evaluations, validations, verifications].flatMap((stages) => Object.values<Stage>(stages));
}

function collect(store: string, seed: number, plan: SeedPlan): SeedResult {
  const results = new Map(
    withAncestors(wantedStages(plan)).map((stage) => {
      const id = stageId(stage);
      const found = readResult(store, stage);
      if (found === undefined)
        throw new Error(`The run store ${store} lost ${id}: run the same command again.`);
      return [id, found];
    }),
  );
  const result = (stage: Stage): StageResult => results.get(stageId(stage))!;
  const armResult = (arm: Arm, evaluation: Evaluation): ArmResult => {
    const { outcomes, mean: rate } = winRate(evaluation.greedy, evaluation.references);
    return { arm, ...evaluation, outcomes, winRate: rate };
  };
  const arms = entries(plan.evaluations).map(([arm, stage]) => armResult(arm, result(stage).evaluation!));
  const validation = entries(plan.validations).map(([arm, stage]) => ({
    arm,
    epochs: offlineEpochs[arm],
    winRate: armResult(arm, result(stage).evaluation!).winRate,
  }));
  const best = validation.reduce((first, next) => (next.winRate > first.winRate ? next : first));
  const evaluationOfBest = arms.find(({ arm }) => arm === best.arm)!;
  const verifications = entries(plan.verifications).map(
    ([verifier, stage]) => [verifier, result(stage).verification!] as const,
  );
  const gold = verifications[0]![1].gold;
  return {
    seed,
    arms: [...arms, { ...evaluationOfBest, arm: "dpo-best" }],
    bestEpochs: best.epochs,
    validation: validation.map(({ epochs, winRate: rate }) => ({ epochs, winRate: rate })),
    curves: entries(plan.policies).map(([arm, stage]) => ({ arm, rows: result(stage).metrics! })),
    verifiers: [
      verifierResult("gold", gold, gold),
      ...verifications.map(([verifier, { scores }]) => verifierResult(verifier, scores, gold)),
    ],
    pairs: result(plan.pairs).pairs!.length,
    provenance: [...results].map(([stage, { provenance }]) => ({ stage, ...provenance })),
  };
}

const BEST_OF = [1, 2, 5, 10, 25];

function verifierResult(
  verifier: VerifierResult["verifier"],
  scores: readonly (readonly number[])[],
  gold: readonly (readonly number[])[],
): VerifierResult {
  const goldDifferences = pairDifferences(gold);
  const ns = BEST_OF.filter((n) => n <= gold[0]!.length);
  return {
    verifier,
    accuracy: goldDifferences.some((difference) => difference !== 0)
      ? pairwiseAccuracy(pairDifferences(scores), goldDifferences)
      : undefined,
    bestOfN: ns.map((n) => ({ n, value: mean(bestOfN(scores, gold, n)) })),
  };
}

/** Differences within disjoint pairs of each prompt's samples: the first less the second, and so on. */
function pairDifferences(rows: readonly (readonly number[])[]): number[] {
  return rows.flatMap((row) =>
    Array.from({ length: Math.floor(row.length / 2) }, (_, pair) => row[2 * pair]! - row[2 * pair + 1]!),
  );
}

function entries<K extends string, V>(record: Record<K, V>): [K, V][] {
  return Object.entries(record) as [K, V][];
}

function mapValues<K extends string, V, W>(record: Record<K, V>, map: (value: V, key: K) => W): Record<K, W> {
  return Object.fromEntries(entries(record).map(([key, value]) => [key, map(value, key)])) as Record<K, W>;
}
