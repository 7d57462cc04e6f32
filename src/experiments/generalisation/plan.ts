import type { ScorerSpec } from "../../pipeline/scorers.ts";
import type { Setting } from "../../pipeline/stage.ts";
import type { VerificationStage } from "../../pipeline/verification.ts";
import { arms, type Label, scorers, variant } from "../../results/labels.ts";
import { arm, type JudgedScorer, judged, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { afterEpochs, equalBudget, rewardEpochs, rewardModelKinds } from "./reward-models.ts";

/** A distribution of samples other than SFT samples of posts as in training. */
export interface DistributionShift {
  readonly name: string;
  /** The fields of the verification stage that it changes. */
  readonly changes: (lab: Laboratory, prompts: number) => Partial<VerificationStage>;
}

/** Posts with many important facts and with few, of which training posts have 40 %; and samples of an online policy. */
export const distributionShifts: readonly DistributionShift[] = [
  { name: "rich posts", changes: (lab, prompts) => ({ setting: withImportance(lab, 0.7, prompts) }) },
  { name: "poor posts", changes: (lab, prompts) => ({ setting: withImportance(lab, 0.15, prompts) }) },
  { name: "online samples", changes: (lab) => ({ policy: lab.online(lab.sft) }) },
];

/** A scorer judged under a distribution shift. */
export const underShift = (label: Label, { name }: DistributionShift): Label => variant(label, name);

/** A scorer trained as in the other experiments. */
export const withDefaultSettings = (label: Label): Label => variant(label, "usual settings");

const SHIFTED_PROMPTS = 200;
const COMPLETIONS = 25;

/**
 * Four kinds of reward models of the same pairs, each trained for several epochs; the best on validation labels stands
 * for its kind. They are judged on SFT samples of fresh posts and under every distribution shift.
 */
export function generalisationPlan(lab: Laboratory): Plan {
  const prompts = Math.min(SHIFTED_PROMPTS, lab.config.verification.prompts);
  const verify = (scorer: ScorerSpec, changes: Partial<VerificationStage> = {}) =>
    lab.verification(scorer, { completions: COMPLETIONS, ...changes });
  const everyScorer = (
    relabel: (label: Label) => Label,
    changes?: Partial<VerificationStage>,
  ): JudgedScorer[] =>
    rewardModelKinds.flatMap(({ label, learningRate, train }) =>
      rewardEpochs.map((epochs) =>
        judged(relabel(afterEpochs(label, epochs)), verify(train(lab, epochs, learningRate), changes)),
      ),
    );
  const byEpochs = (label: Label) => rewardEpochs.map((epochs) => afterEpochs(label, epochs));
  return {
    arms: [arm(arms.sft, lab.sft), arm(arms.onlineSft, lab.online(lab.sft))],
    scorers: [
      ...everyScorer((label) => label),
      judged(withDefaultSettings(scorers.global), verify(lab.reward)),
      judged(withDefaultSettings(scorers.local), verify(lab.localReward(equalBudget))),
      judged(withDefaultSettings(scorers.dpo), verify(lab.dpo(1))),
      ...distributionShifts.flatMap((shift) =>
        everyScorer((label) => underShift(label, shift), { prompts, ...shift.changes(lab, prompts) }),
      ),
    ],
    bestScorers: rewardModelKinds.map(({ label }) => ({ label, candidates: byEpochs(label) })),
    followingScorers: distributionShifts.flatMap((shift) =>
      rewardModelKinds.map(({ label }) => ({
        label: underShift(label, shift),
        choice: label,
        candidates: byEpochs(label).map((one) => underShift(one, shift)),
      })),
    ),
    pairs: { offline: lab.pairs },
  };
}

/** Evaluation posts of the same seed with another probability of important facts. No other part of the data is used. */
export function withImportance(lab: Laboratory, importance: number, evaluation: number): Setting {
  const { task, seed } = lab.setting;
  if ("code" in task || task.name !== "key-env")
    throw new Error(`The posts of ${task.name} have no importance: use KeyEnv.`);
  return {
    task: { ...task, options: { ...task.options, importance } },
    sizes: { demonstrations: 1, pairs: 1, validation: 1, evaluation },
    seed,
  };
}
