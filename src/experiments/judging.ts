import { runStore } from "../files/repository.ts";
import { UsageError } from "../files/usage-error.ts";
import { isUserCode, loadUserCode } from "../files/user-code.ts";
import type { Contest, Judge, JudgeProgress, TextContest } from "../judge/judge.ts";
import { scorerJudge } from "../judge/judge.ts";
import { policyLogps } from "../models/scorers.ts";
import type { EvaluationStage } from "../pipeline/evaluation.ts";
import { kindOf } from "../pipeline/kind-of.ts";
import { duration } from "../pipeline/progress.ts";
import { isModelStage, type ScorerSpec } from "../pipeline/scorers.ts";
import { scorerLogpsOf } from "../pipeline/shared-stages.ts";
import type { Trained } from "../pipeline/stage.ts";
import { taskAndData } from "../pipeline/stage-inputs.ts";
import { openStore, type RunStore } from "../pipeline/store.ts";
import { collect } from "../results/collect.ts";
import { sameLabel } from "../results/labels.ts";
import { storeRecords } from "../results/ledger.ts";
import type { SeedPlan } from "../results/plan.ts";
import { goldScorer, type Scorer } from "../tasks/task.ts";
import { permutation, randomStream } from "../tensors/random.ts";
import { unknownName } from "../text/nearest.ts";
import type { ProgressBar } from "./page.ts";

/** Options of `armContests`. */
export interface ArmContestOptions {
  /** How many of each seed's evaluation prompts are judged, drawn with the seed; default all. The paper judges 600. */
  readonly prompts?: number;
  /** Default the run store of the environment. */
  readonly store?: RunStore;
}

/**
 * The greedy completions of an arm, given by its id, against the references of the evaluation prompts, from the run store:
 * of all seeds, or of the plans that are given. The same prompts are drawn for every arm, and more of them include fewer.
 * Throws if no plan has the arm, or if the store lacks its evaluation.
 */
export function armContests(
  plans: readonly SeedPlan[],
  arm: string,
  { prompts = Infinity, store = openStore(runStore()) }: ArmContestOptions = {},
): Contest[] {
  const ids = armIds(plans);
  if (!ids.includes(arm)) throw new UsageError(unknownName("arm", arm, ids));
  return plans.flatMap((plan) => {
    const stage = evaluationOf(plan, arm, store);
    const stored = stage && store.read(stage);
    if (stage === undefined || stored === undefined)
      throw new Error(
        `The run store ${store.folder} has no evaluation of "${arm}" on seed ${plan.seed}: train it first.`,
      );
    return contestsOf(stage, stored.evaluation.completions, prompts);
  });
}

/** The ids of the arms that plans have, those that are chosen among others included. */
export function armIds(plans: readonly SeedPlan[]): string[] {
  const labels = plans.flatMap(({ plan: { arms, bestArms = [] } }) => [...arms, ...bestArms]);
  return [...new Set(labels.map(({ label }) => label.id))];
}

/** The evaluation of an arm, or of the candidate that was chosen for it on validation prompts. */
function evaluationOf(plan: SeedPlan, arm: string, store: RunStore): EvaluationStage | undefined {
  const own = plan.evaluations.find(({ label }) => label.id === arm);
  if (own !== undefined) return own.stage;
  const { choices } = collect(plan, storeRecords(store));
  const choice = choices.find(({ best }) => best.id === arm);
  return choice && plan.evaluations.find(({ label }) => sameLabel(label, choice.chosen))?.stage;
}

function contestsOf(
  { setting, split }: EvaluationStage,
  completions: readonly (readonly number[])[],
  count: number,
): Contest[] {
  const { task, data } = taskAndData(setting);
  const { seed } = setting;
  const order = permutation(randomStream(seed, "judge", "prompts"), completions.length);
  return order.slice(0, count).map((at): Contest => {
    const { prompt, completion: reference } = data[split][at]!;
    const completion = completions[at]!;
    const text = {
      prompt: task.text(prompt.tokens),
      completion: task.text(completion),
      reference: task.text(reference),
    };
    return { seed, prompt, completion, reference, text };
  });
}

/**
 * The same contests with the human summaries of TL;DR as references, as in the paper: as texts only. Throws if a prompt has
 * none.
 */
export function againstHumans(contests: readonly Contest[]): TextContest[] {
  return contests.map(({ seed, prompt, text }) => {
    const { reference } = prompt as { readonly reference?: unknown };
    if (typeof reference !== "string")
      throw new UsageError(
        "The prompts of this task have no human summary: judge against the task's references.",
      );
    return { seed, text: { ...text, reference } };
  });
}

/** Judges by the gold reward ("gold"), or on each seed by the scorer of this id that its plan has. Throws if a plan has none. */
export function planJudge(
  plans: readonly SeedPlan[],
  scorer: string,
  store: RunStore = openStore(runStore()),
): Judge<Contest> {
  const judges = new Map(
    plans.map((plan) => [plan.seed, scorerJudge(scorer, planScorer(plan, scorer, store))] as const),
  );
  return {
    name: scorer,
    async judge(contests) {
      const judged = new Map<Contest, Awaited<ReturnType<Judge["judge"]>>[number]>();
      for (const [seed, judge] of judges) {
        const own = contests.filter((contest) => contest.seed === seed);
        for (const [at, one] of (await judge.judge(own)).entries()) judged.set(own[at]!, one);
      }
      return contests.map((contest) => {
        const one = judged.get(contest);
        if (one !== undefined) return one;
        throw new Error(`No plan of seed ${contest.seed} was given: its contests have no judge.`);
      });
    },
  };
}

function planScorer({ seed, plan, evaluations }: SeedPlan, id: string, store: RunStore): Scorer {
  const [evaluation] = evaluations;
  if (evaluation === undefined) throw new Error(`The plan of seed ${seed} has no arm.`);
  const { task } = taskAndData(evaluation.stage.setting);
  if (id === "gold") return goldScorer(task);
  const { scorers = [] } = plan;
  const stage = scorers.find(({ label }) => label.id === id)?.stage;
  if (stage === undefined)
    throw new UsageError(unknownName("scorer", id, ["gold", ...scorers.map(({ label }) => label.id)]));
  return openedScorer(stage.scorer, stage, store);
}

type ScoringStage = NonNullable<SeedPlan["plan"]["scorers"]>[number]["stage"];

/** The scorer of a verification stage, for any completions. */
function openedScorer(spec: ScorerSpec, stage: ScoringStage, store: RunStore): Scorer {
  const { task } = taskAndData(stage.setting);
  if (isUserCode(spec)) return loadUserCode(spec)(task, store.get(stage.policy).model);
  if (!isModelStage(spec))
    throw new UsageError(`The scorer "${spec}" cannot judge: it scores its own samples only.`);
  const { scorer } = kindOf(spec);
  if (scorer === undefined) throw new Error(`A stage of kind ${spec.kind} makes no scorer.`);
  const { model } = store.get<Trained>(spec);
  const reference = scorerLogpsOf(spec, stage)?.policy;
  return (samples) => {
    const logps = () => (reference ? [...policyLogps(task, store.get(reference).model, samples)] : []);
    return scorer(spec, task, model, logps)(samples);
  };
}

/** Shows the progress of a judge on a bar. */
export function showJudging(bar: ProgressBar | undefined): (progress: JudgeProgress) => void {
  return (progress) => bar?.update(progress.done, progress.total, judgingText(progress));
}

/** Progress in words: "120 of 600 answers, 3 min left, 0.21 spent". */
export function judgingText({ done, total, secondsLeft, used }: JudgeProgress): string {
  return [
    `${done} of ${total} answers`,
    ...(secondsLeft === undefined || done === total ? [] : [`${duration(secondsLeft)} left`]),
    ...(used.money === undefined ? [] : [`${Number(used.money.toPrecision(3))} spent`]),
  ].join(", ");
}
