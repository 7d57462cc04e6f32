import type { PairStatistics } from "../evaluation/pair-statistics.ts";
import { mean } from "../evaluation/statistics.ts";
import { winRate } from "../evaluation/win-rate.ts";
import type { EvaluationRecord } from "../pipeline/evaluation.ts";
import { forwardPasses } from "../pipeline/forward-passes.ts";
import { definitionId, type Output, type Stage } from "../pipeline/stage.ts";
import { withAncestors } from "../pipeline/stage-id.ts";
import type { Provenance } from "../pipeline/store.ts";
import type { VerificationRecord } from "../pipeline/verification.ts";
import type { MetricsRow } from "../training/trainer.ts";
import { type Label, sameLabel } from "./labels.ts";
import type { Recorded, Records } from "./ledger.ts";
import { type Best, type Reading, readings, type SeedPlan, wantedStages } from "./plan.ts";

/** One arm of one seed, on the evaluation prompts. */
export interface ArmResult extends EvaluationRecord {
  readonly arm: Label;
  /** 1, ½ or 0 per prompt: the greedy completion against the reference by gold reward. */
  readonly outcomes: readonly number[];
  readonly winRate: number;
  /** The computing that its policy took beyond SFT and the shared offline pairs; see `forwardPasses`. */
  readonly forwardPasses?: number;
}

/** A scorer of one seed. */
export interface ScorerResult extends VerificationRecord {
  readonly scorer: Label;
}

/** What was chosen on validation prompts, and from what. */
export interface Choice {
  /** The best arm or best scorer that it decides. */
  readonly best: Label;
  readonly chosen: Label;
  /** Win rates of arms, or what scorers are chosen by (`BestScorer.by`), on validation prompts. */
  readonly candidates: readonly { readonly label: Label; readonly value: number }[];
  /** See `Best.openEnds`. */
  readonly openEnds?: Best["openEnds"];
}

/** One seed of an experiment. */
export interface SeedResult {
  readonly seed: number;
  readonly arms: readonly ArmResult[];
  readonly scorers: readonly ScorerResult[];
  readonly choices: readonly Choice[];
  readonly curves: readonly { readonly arm: Label; readonly rows: readonly MetricsRow[] }[];
  /** Numbers of pairs by the name of their set. */
  readonly pairs: Readonly<Record<string, number>>;
  /** Statistics of those pairs; undefined for preferences given by people. */
  readonly pairStatistics?: Readonly<Record<string, PairStatistics | undefined>>;
  /** Where each stage was computed and for how long, by the stage's id in the ledger. */
  readonly provenance: readonly (Provenance & { readonly stage: string })[];
  /** Arms and scorers of the plan that the records lack. */
  readonly missing: readonly Label[];
  /** What each arm and scorer of the plan was read from. */
  readonly sources: readonly Source[];
}

/** The stages that an arm or a scorer was read from, by their ids in the ledger; see `Reading`. */
export interface Source extends Omit<Reading, "stages"> {
  readonly stages: readonly {
    readonly id: string;
    /** SHA-256 of its row; absent if the ledger has none or the results are of a run store. */
    readonly row?: string;
  }[];
  /** Whether the results were read from a ledger. */
  readonly fromLedger: boolean;
}

/**
 * One seed's results from the records of a run store or a ledger. Arms, scorers and sets of pairs without a record are
 * left out and listed in `missing`, as is a best one if a candidate is missing. `rowDigest` gives the SHA-256 of a ledger's
 * rows, which verdicts compare with what was sealed.
 */
export function collect(
  planned: SeedPlan,
  records: Records,
  rowDigest?: (stage: Stage) => string | undefined,
): SeedResult {
  const { seed, plan, evaluations, validations, scorerValidations } = planned;
  const recordOf = cachedRecords(records);
  const present = evaluations.flatMap(({ label, policy, stage }) => {
    const [evaluated, trained] = [recordOf(stage), recordOf(policy)];
    return evaluated && trained ? [{ label, policy, evaluated, trained }] : [];
  });
  const arms = present.map(({ label, policy, evaluated }) => ({
    ...armResult(label, evaluated),
    forwardPasses: forwardPasses(policy),
  }));
  const scorers = (plan.scorers ?? []).flatMap(({ label, stage }) => {
    const record = recordOf(stage);
    return record === undefined ? [] : [scorerResult(label, record)];
  });
  const armChoices = choose(plan.bestArms, (label) => {
    const found = validations.find((one) => sameLabel(one.label, label));
    const record = found && recordOf(found.stage);
    return record && armResult(label, record).winRate;
  });
  const scorerChoices = choose(plan.bestScorers, (label, { by }) => {
    const found = scorerValidations.find((one) => sameLabel(one.label, label));
    const { probability, labelAccuracy } = (found && recordOf(found.stage)?.verification) ?? {};
    const values = by === "label-accuracy" ? labelAccuracy : probability;
    return values && mean(values);
  });
  const followed = (plan.followingScorers ?? []).flatMap(({ label, choice, candidates }) => {
    const made = scorerChoices.find(({ best }) => sameLabel(best, choice));
    const index = made?.candidates.findIndex((one) => sameLabel(one.label, made.chosen));
    const chosen = index === undefined ? undefined : candidates[index];
    return chosen === undefined ? [] : [{ best: label, chosen }];
  });
  const bestArms = armChoices.flatMap(({ best, chosen }) =>
    arms.filter(({ arm }) => sameLabel(arm, chosen)).map((one) => ({ ...one, arm: best })),
  );
  const bestScorers = [...scorerChoices, ...followed].flatMap(({ best, chosen }) =>
    scorers.filter(({ scorer }) => sameLabel(scorer, chosen)).map((one) => ({ ...one, scorer: best })),
  );
  const pairRecords = Object.entries(plan.pairs ?? {}).flatMap(([name, stage]) => {
    const record = recordOf(stage);
    return record === undefined ? [] : [{ name, ...record }];
  });
  const allArms = [...arms, ...bestArms];
  const allScorers = [...scorers, ...bestScorers];
  return {
    seed,
    arms: allArms,
    scorers: allScorers,
    choices: [...armChoices, ...scorerChoices],
    curves: present.map(({ label, trained }) => ({ arm: label, rows: trained.metrics })),
    pairs: Object.fromEntries(pairRecords.map(({ name, pairs }) => [name, pairs])),
    pairStatistics: Object.fromEntries(pairRecords.map(({ name, pairStatistics }) => [name, pairStatistics])),
    provenance: withAncestors(wantedStages(planned)).flatMap((stage) => {
      const record = recordOf(stage);
      return record === undefined ? [] : [{ stage: definitionId(stage), ...record.provenance }];
    }),
    missing: [
      ...absent(
        [...plan.arms, ...(plan.bestArms ?? [])],
        allArms.map(({ arm }) => arm),
      ),
      ...absent(
        [...(plan.scorers ?? []), ...(plan.bestScorers ?? []), ...(plan.followingScorers ?? [])],
        allScorers.map(({ scorer }) => scorer),
      ),
    ],
    sources: sourcesOf(planned, rowDigest),
  };
}

/** What each arm and scorer of a plan is read from; `rowDigest` as in `collect`. */
export function sourcesOf(planned: SeedPlan, rowDigest?: (stage: Stage) => string | undefined): Source[] {
  return readings(planned).map(({ stages, ...reading }) => ({
    ...reading,
    fromLedger: rowDigest !== undefined,
    stages: stages.map((stage) => ({ id: definitionId(stage), row: rowDigest?.(stage) })),
  }));
}

/** The labels of a plan's entries that have no result. */
function absent(entries: readonly { readonly label: Label }[], found: readonly Label[]): Label[] {
  return entries.map(({ label }) => label).filter((label) => !found.some((one) => sameLabel(one, label)));
}

/** Records, each looked up once. */
function cachedRecords(records: Records): Records {
  const found = new Map<Stage, Recorded<Output> | undefined>();
  return <O extends Output>(stage: Stage<O>) => {
    if (!found.has(stage)) found.set(stage, records(stage));
    return found.get(stage) as Recorded<O> | undefined;
  };
}

function armResult(arm: Label, { evaluation }: { readonly evaluation: EvaluationRecord }): ArmResult {
  const { outcomes, mean: rate } = winRate(evaluation.greedyRewards, evaluation.referenceRewards);
  return { arm, ...evaluation, outcomes, winRate: rate };
}

function scorerResult(
  scorer: Label,
  { verification }: { readonly verification: VerificationRecord },
): ScorerResult {
  return { scorer, ...verification };
}

/** The best of each set of candidates by `value`, the first of equals; none if a candidate has no value. */
function choose<B extends Best>(
  sets: readonly B[] = [],
  value: (label: Label, set: B) => number | undefined,
): Choice[] {
  return sets.flatMap((set) => {
    const { label: best, candidates, openEnds } = set;
    const valued = candidates.flatMap((label) => {
      const own = value(label, set);
      return own === undefined ? [] : [{ label, value: own }];
    });
    if (valued.length < candidates.length || valued.length === 0) return [];
    const chosen = valued.reduce((first, next) => (next.value > first.value ? next : first)).label;
    return [{ best, chosen, candidates: valued, ...(openEnds !== undefined && { openEnds }) }];
  });
}
