import type { PairStatistics } from "../evaluation/pair-statistics.ts";
import { mean } from "../evaluation/statistics.ts";
import { winRate } from "../evaluation/win-rate.ts";
import { type ExecutionProgress, execute } from "../pipeline/execute.ts";
import type { Pool } from "../pipeline/pool.ts";
import {
  definitionId,
  type EvaluationStage,
  type PairsStage,
  type PolicyStage,
  type SftStage,
  type Stage,
  type VerificationStage,
  withAncestors,
} from "../pipeline/stage.ts";
import type { Provenance } from "../pipeline/store.ts";
import type { MetricsRow } from "../training/train.ts";
import type { Records } from "./ledger.ts";
import type { EvaluationRecord, StageRecord, VerificationRecord } from "./record.ts";

/** What one seed of an experiment trains and judges, by names that its notebook uses. */
export interface Plan {
  /** Policies to be evaluated. */
  readonly arms: Readonly<Record<string, PolicyStage>>;
  /** Arms that are, on each seed, the one of several that wins most often on validation prompts. */
  readonly bestArms?: Readonly<Record<string, readonly string[]>>;
  /** Verifiers to be judged on a policy's samples. */
  readonly scorers?: Readonly<Record<string, VerificationStage>>;
  /**
   * Verifiers that are, on each seed, the one of several that gives the annotator's labels on validation prompts the
   * highest mean probability.
   */
  readonly bestScorers?: Readonly<Record<string, readonly string[]>>;
  /**
   * Verifiers that follow the choice of a best verifier: on each seed, the member at the place that the chosen one has
   * there. So what was chosen on its own prompts is judged on others.
   */
  readonly followingScorers?: Readonly<
    Record<string, { readonly choice: string; readonly members: readonly string[] }>
  >;
  /** Sets of pairs whose sizes and spreads are of interest. */
  readonly pairs?: Readonly<Record<string, PairsStage>>;
}

/** One arm of one seed, on the evaluation prompts. */
export interface ArmResult extends EvaluationRecord {
  readonly arm: string;
  /** 1, ½ or 0 per prompt: the greedy completion against the reference by gold reward. */
  readonly outcomes: readonly number[];
  readonly winRate: number;
}

/** A verifier of one seed. */
export interface ScorerResult extends VerificationRecord {
  readonly scorer: string;
}

/** What was chosen on validation prompts, and from what. */
export interface Choice {
  /** The arm or verifier that it decides. */
  readonly id: string;
  readonly chosen: string;
  /** Win rates of arms or mean probabilities of verifiers, on validation prompts. */
  readonly from: readonly { readonly id: string; readonly value: number }[];
}

/** One seed of an experiment. */
export interface SeedResult {
  readonly seed: number;
  readonly arms: readonly ArmResult[];
  readonly scorers: readonly ScorerResult[];
  readonly choices: readonly Choice[];
  readonly curves: readonly { readonly arm: string; readonly rows: readonly MetricsRow[] }[];
  readonly pairs: Readonly<Record<string, number>>;
  /** What was measured of those pairs; absent where people gave them. */
  readonly pairStatistics?: Readonly<Record<string, PairStatistics | undefined>>;
  /** Where each stage was computed and for how long, by the stage's id. */
  readonly provenance: readonly (Provenance & { readonly stage: string })[];
}

/** Computes whatever the plans ask for and the run store lacks. Several processes may share the store. */
export async function trainPlans(
  plans: readonly Plan[],
  store: string,
  pool: Pool,
  onProgress?: (progress: ExecutionProgress) => void,
): Promise<void> {
  await execute(store, plans.flatMap(wantedStages), pool, onProgress);
}

/** The stages that a plan's results are read from. */
export function wantedStages(plan: Plan): Stage[] {
  const { evaluations, validations, verifications, scorerValidations } = judgements(plan);
  return [
    ...Object.values(evaluations),
    ...Object.values(validations),
    ...Object.values(verifications),
    ...Object.values(scorerValidations),
    ...Object.values(plan.pairs ?? {}),
  ];
}

/** One seed's results, read from the records of a run store or a ledger. Throws one sentence where one is missing. */
export function collect(seed: number, plan: Plan, records: Records): SeedResult {
  const { evaluations, validations, verifications, scorerValidations } = judgements(plan);
  const found = new Map<Stage, StageRecord>();
  const recordOf = (stage: Stage): StageRecord => {
    const record = found.get(stage) ?? records(stage);
    if (record === undefined) {
      throw new Error(
        `There is no record of the stage ${definitionId(stage)}: train first (npm run paper, without --from-ledger).`,
      );
    }
    found.set(stage, record);
    return record;
  };
  const armResult = (arm: string, stage: EvaluationStage): ArmResult => {
    const evaluation = recordOf(stage).evaluation!;
    const { outcomes, mean: rate } = winRate(evaluation.greedyRewards, evaluation.referenceRewards);
    return { arm, ...evaluation, outcomes, winRate: rate };
  };
  const scorerResult = (scorer: string, stage: VerificationStage): ScorerResult => ({
    scorer,
    ...recordOf(stage).verification!,
  });
  const choicesOf = <S extends Stage>(
    groups: Plan["bestArms"],
    stages: Readonly<Record<string, S>>,
    judge: (id: string, stage: S) => number,
  ): Choice[] =>
    Object.entries(groups ?? {}).map(([id, members]) => {
      const from = members.map((member) => ({ id: member, value: judge(member, stages[member]!) }));
      const chosen = from.reduce((first, next) => (next.value > first.value ? next : first)).id;
      return { id, chosen, from };
    });
  const ofPairs = <T>(part: (record: StageRecord) => T): Record<string, T> =>
    Object.fromEntries(
      Object.entries(plan.pairs ?? {}).map(([name, stage]) => [name, part(recordOf(stage))]),
    );
  const armChoices = choicesOf(plan.bestArms, validations, (id, stage) => armResult(id, stage).winRate);
  const scorerChoices = choicesOf(plan.bestScorers, scorerValidations, (id, stage) =>
    mean(scorerResult(id, stage).probability!),
  );
  const followed = Object.entries(plan.followingScorers ?? {}).map(([id, { choice, members }]) => {
    const { chosen, from } = scorerChoices.find((one) => one.id === choice)!;
    return { id, chosen: members[from.findIndex((one) => one.id === chosen)]! };
  });
  const arms = Object.entries(evaluations).map(([arm, stage]) => armResult(arm, stage));
  const scorers = Object.entries(verifications).map(([id, stage]) => scorerResult(id, stage));
  return {
    seed,
    arms: [
      ...arms,
      ...armChoices.map(({ id, chosen }) => ({ ...arms.find(({ arm }) => arm === chosen)!, arm: id })),
    ],
    scorers: [
      ...scorers,
      ...[...scorerChoices, ...followed].map(({ id, chosen }) => ({
        ...scorers.find(({ scorer }) => scorer === chosen)!,
        scorer: id,
      })),
    ],
    choices: [...armChoices, ...scorerChoices],
    curves: Object.entries(plan.arms).map(([arm, stage]) => ({ arm, rows: recordOf(stage).metrics! })),
    pairs: ofPairs((record) => record.pairs!),
    pairStatistics: ofPairs((record) => record.pairStatistics),
    provenance: withAncestors(wantedStages(plan)).map((stage) => ({
      stage: definitionId(stage),
      ...recordOf(stage).provenance,
    })),
  };
}

interface Judgements {
  readonly evaluations: Record<string, EvaluationStage>;
  readonly validations: Record<string, EvaluationStage>;
  readonly verifications: Readonly<Record<string, VerificationStage>>;
  readonly scorerValidations: Record<string, VerificationStage>;
}

/** The completions per prompt on which verifiers are validated. */
const VALIDATION_COMPLETIONS = 4;

function sftBelow(policy: PolicyStage): SftStage {
  return policy.kind === "sft" ? policy : sftBelow(policy.policy);
}

function judgements(plan: Plan): Judgements {
  const { arms, bestArms = {}, scorers = {}, bestScorers = {} } = plan;
  const evaluation = (policy: PolicyStage, split: EvaluationStage["split"]): EvaluationStage => ({
    kind: "evaluation",
    setting: policy.setting,
    policy,
    split,
    ...(split === "evaluation" ? { reference: sftBelow(policy) } : {}),
  });
  const members = (groups: Readonly<Record<string, readonly string[]>>) => [
    ...new Set(Object.values(groups).flat()),
  ];
  return {
    evaluations: Object.fromEntries(
      Object.entries(arms).map(([arm, policy]) => [arm, evaluation(policy, "evaluation")]),
    ),
    validations: Object.fromEntries(
      members(bestArms).map((arm) => [arm, evaluation(arms[arm]!, "validation")]),
    ),
    verifications: scorers,
    scorerValidations: Object.fromEntries(
      members(bestScorers).map((id) => {
        const stage = scorers[id]!;
        const prompts = stage.setting.sizes.validation;
        return [id, { ...stage, split: "validation", prompts, completions: VALIDATION_COMPLETIONS }];
      }),
    ),
  };
}
