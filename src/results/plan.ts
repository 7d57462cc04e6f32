import { type EvaluationStage, evaluationStage } from "../pipeline/evaluation.ts";
import type { PairsStage } from "../pipeline/pairs.ts";
import type { PolicyStage, Stage } from "../pipeline/stage.ts";
import type { VerificationStage } from "../pipeline/verification.ts";
import type { Label } from "./labels.ts";

/** A policy that is trained and evaluated. */
export interface Arm {
  readonly label: Label;
  readonly policy: PolicyStage;
}

/** A scorer that is judged on a policy's samples. */
export interface JudgedScorer {
  readonly label: Label;
  readonly stage: VerificationStage;
}

/** What is, on each seed, the best of several candidates on validation prompts. */
export interface Best {
  readonly label: Label;
  /** In the order of what they vary, if it is a number. */
  readonly candidates: readonly Label[];
  /**
   * The ends of the candidates beyond which others could be tried: "upper" if the first is the least that there can be,
   * such as one epoch. Default "both".
   */
  readonly openEnds?: "both" | "upper";
}

/** A best scorer, and what it is chosen by. */
export interface BestScorer extends Best {
  /**
   * "label-accuracy" is how often it orders two samples as the annotator does; default "probability", the mean probability
   * of the labels, which also rises if all rewards are made larger.
   */
  readonly by?: "probability" | "label-accuracy";
}

/** What one seed of an experiment trains and judges. */
export interface Plan {
  readonly arms: readonly Arm[];
  /** Arms that are, on each seed, the candidate with the highest validation win rate. */
  readonly bestArms?: readonly Best[];
  readonly scorers?: readonly JudgedScorer[];
  /** Scorers that are, on each seed, the candidate that fits the annotator's validation labels best; see `BestScorer.by`. */
  readonly bestScorers?: readonly BestScorer[];
  /**
   * Scorers that reuse the index chosen by the best scorer `choice`: their candidates are the same models in the same
   * order, judged on other prompts.
   */
  readonly followingScorers?: readonly (Best & { readonly choice: Label })[];
  /** Sets of pairs, by name, whose sizes and statistics are reported. */
  readonly pairs?: Readonly<Record<string, PairsStage>>;
}

/** An arm: its label and its policy. */
export function arm(label: Label, policy: PolicyStage): Arm {
  return { label, policy };
}

/** A scorer to judge: its label and the stage that verifies with it. */
export function judged(label: Label, stage: VerificationStage): JudgedScorer {
  return { label, stage };
}

/** Several plans of one seed as one. */
export function joinPlans(plans: readonly Plan[]): Required<Plan> {
  return {
    arms: plans.flatMap(({ arms }) => arms),
    bestArms: plans.flatMap(({ bestArms = [] }) => bestArms),
    scorers: plans.flatMap(({ scorers = [] }) => scorers),
    bestScorers: plans.flatMap(({ bestScorers = [] }) => bestScorers),
    followingScorers: plans.flatMap(({ followingScorers = [] }) => followingScorers),
    pairs: Object.assign({}, ...plans.map(({ pairs }) => pairs)),
  };
}

/** The same plan with every label, and the name of every set of pairs, put through `relabel`. */
export function relabelPlan(
  plan: Plan,
  relabel: (label: Label) => Label,
  pairsName = (name: string) => name,
): Plan {
  const best = <B extends Best>(one: B): B => ({
    ...one,
    label: relabel(one.label),
    candidates: one.candidates.map(relabel),
  });
  return {
    arms: plan.arms.map(({ label, policy }) => arm(relabel(label), policy)),
    bestArms: plan.bestArms?.map(best),
    scorers: plan.scorers?.map(({ label, stage }) => judged(relabel(label), stage)),
    bestScorers: plan.bestScorers?.map(best),
    followingScorers: plan.followingScorers?.map((one) => ({ ...best(one), choice: relabel(one.choice) })),
    pairs:
      plan.pairs &&
      Object.fromEntries(Object.entries(plan.pairs).map(([name, pairs]) => [pairsName(name), pairs])),
  };
}

/** A plan of one seed with the stages that judge its arms and scorers. */
export interface SeedPlan {
  readonly seed: number;
  readonly plan: Plan;
  readonly evaluations: readonly (Arm & { readonly stage: EvaluationStage })[];
  /** Of the candidates of best arms. */
  readonly validations: readonly (Arm & { readonly stage: EvaluationStage })[];
  /** Of the candidates of best scorers. */
  readonly scorerValidations: readonly JudgedScorer[];
}

/** Completions per prompt on which candidates for a best scorer are validated. */
const VALIDATION_COMPLETIONS = 4;

/** A plan with its judging stages. Throws if a label is used twice or a candidate is not among the plan's own. */
export function seedPlan(seed: number, plan: Plan): SeedPlan {
  const { arms, bestArms = [], scorers = [], bestScorers = [], followingScorers = [] } = plan;
  checkDistinct("arm", [...arms, ...bestArms]);
  checkDistinct("scorer", [...scorers, ...bestScorers, ...followingScorers]);
  const armCandidates = candidatesOf("arm", bestArms, arms);
  const scorerCandidates = candidatesOf("scorer", bestScorers, scorers);
  candidatesOf("scorer", followingScorers, scorers);
  return {
    seed,
    plan,
    evaluations: arms.map((one) => ({ ...one, stage: evaluationStage(one.policy, "evaluation") })),
    validations: armCandidates.map((one) => ({ ...one, stage: evaluationStage(one.policy, "validation") })),
    scorerValidations: scorerCandidates.map(({ label, stage }) => ({
      label,
      stage: {
        ...stage,
        split: "validation",
        prompts: stage.setting.sizes.validation,
        completions: VALIDATION_COMPLETIONS,
      },
    })),
  };
}

/** The stages that a plan's results are read from. */
export function wantedStages({ plan, evaluations, validations, scorerValidations }: SeedPlan): Stage[] {
  return [
    ...evaluations.map(({ stage }) => stage),
    ...validations.map(({ stage }) => stage),
    ...(plan.scorers ?? []).map(({ stage }) => stage),
    ...scorerValidations.map(({ stage }) => stage),
    ...Object.values(plan.pairs ?? {}),
  ];
}

/** The stages whose records decide what is measured of one arm or scorer on one seed. */
export interface Reading {
  readonly label: Label;
  readonly role: "arm" | "scorer";
  /** For a best one those of every candidate, validation first, in the order of candidates. */
  readonly stages: readonly Stage[];
}

/** What every arm and scorer of a plan is read from, the best ones included. */
export function readings({ plan, evaluations, validations, scorerValidations }: SeedPlan): Reading[] {
  const { scorers = [], bestArms = [], bestScorers = [], followingScorers = [] } = plan;
  const stagesOf = (own: readonly Labelled[], { candidates }: Pick<Best, "candidates">) =>
    candidates.flatMap(({ id }) => own.filter(({ label }) => label.id === id).map(({ stage }) => stage));
  const reading = (role: Reading["role"], label: Label, ...stages: (readonly Stage[])[]): Reading => ({
    label,
    role,
    stages: stages.flat(),
  });
  return [
    ...evaluations.map(({ label, stage }) => reading("arm", label, [stage])),
    ...bestArms.map((best) =>
      reading("arm", best.label, stagesOf(validations, best), stagesOf(evaluations, best)),
    ),
    ...scorers.map(({ label, stage }) => reading("scorer", label, [stage])),
    ...bestScorers.map((best) =>
      reading("scorer", best.label, stagesOf(scorerValidations, best), stagesOf(scorers, best)),
    ),
    ...followingScorers.map((best) => {
      const choice = bestScorers.find(({ label }) => label.id === best.choice.id) ?? { candidates: [] };
      return reading("scorer", best.label, stagesOf(scorerValidations, choice), stagesOf(scorers, best));
    }),
  ];
}

/** An entry of a plan with the stage that judges it. */
interface Labelled {
  readonly label: Label;
  readonly stage: Stage;
}

function checkDistinct(what: string, entries: readonly { readonly label: Label }[]): void {
  const ids = entries.map(({ label }) => label.id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined)
    throw new Error(`The plan has two ${what}s with the id "${twice}": give each its own label.`);
}

/** The plan's own entries that are candidates for some best, each once. */
function candidatesOf<T extends { readonly label: Label }>(
  what: string,
  best: readonly Best[],
  own: readonly T[],
): T[] {
  const wanted = new Set(best.flatMap(({ candidates }) => candidates.map(({ id }) => id)));
  return [...wanted].map((id) => {
    const found = own.find(({ label }) => label.id === id);
    if (found === undefined)
      throw new Error(`The plan has no ${what} "${id}" to choose: add it to the plan.`);
    return found;
  });
}
