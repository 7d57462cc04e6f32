import type { ScorerSpec } from "../../pipeline/scorers.ts";
import { type Label, scorers, variant } from "../../results/labels.ts";
import type { Laboratory } from "../laboratory.ts";

export { afterEpochs } from "../tuned/epochs.ts";

/** A kind of reward model and how it is trained. */
export interface RewardModelKind {
  readonly label: Label;
  /** The best of `candidateRates` for this kind. */
  readonly learningRate: number;
  readonly train: (lab: Laboratory, epochs: number, learningRate: number) => ScorerSpec;
}

/** The kinds of reward models, from the one that sees the whole completion at once to the one that is a policy. */
export const rewardModelKinds: readonly RewardModelKind[] = [
  {
    label: scorers.global,
    learningRate: 3e-3,
    train: (lab, epochs, learningRate) => lab.rewardWith({ epochs, learningRate }),
  },
  {
    label: scorers.local,
    learningRate: 6e-3,
    train: (lab, epochs, learningRate) => lab.localReward(epochs, { learningRate }),
  },
  {
    label: scorers.last,
    learningRate: 3e-3,
    train: (lab, epochs, learningRate) => lab.localReward(epochs, { learningRate, credit: "last" }),
  },
  {
    label: scorers.dpo,
    learningRate: 6e-3,
    train: (lab, epochs, learningRate) => lab.dpo(epochs, { learningRate }),
  },
];

/** The learning rates over which each kind was tuned. */
export const candidateRates = [1e-3, 3e-3, 6e-3] as const;

/** The epochs for which each kind is trained. */
export const rewardEpochs = [1, 2, 4, 8] as const;
/** The epochs at which all are compared at equal budgets: those of the laboratory's reward model. */
export const equalBudget = 4;

/** A reward model trained at this learning rate, for the most epochs. */
export function atLearningRate(label: Label, rate: number): Label {
  return variant(label, `learning rate ${rate}`);
}
