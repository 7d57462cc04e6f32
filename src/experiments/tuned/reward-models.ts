import type { ScorerSpec } from "../../pipeline/scorers.ts";
import { type Label, scorers } from "../../results/labels.ts";
import { type Laboratory, laboratory } from "../laboratory.ts";
import { keyEnvConfig } from "../settings.ts";
import { judgedByLabels, type Tuning } from "../tuning.ts";
import { tunedSettings } from "./settings.ts";
import { atTrial, grid, type Trial, tuningSeeds } from "./trials.ts";

/** A kind of reward model, the settings that suit it and all that were tried, and how one is trained on the offline pairs. */
export interface RewardModelKind {
  readonly label: Label;
  readonly settings: Trial;
  readonly trials: readonly Trial[];
  readonly train: (lab: Laboratory, epochs: number, settings: Trial) => ScorerSpec;
}

/** A global reward model's β scales its head's output, as a local one's scales log π. */
const TRIALS = grid([7.5e-4, 1.5e-3, 3e-3, 6e-3, 1.2e-2], [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64]);
/** As many, a step of the learning rate higher and two of β lower: the best of the above was at their corner. */
const IMPLICIT_TRIALS = grid(
  [1.5e-3, 3e-3, 6e-3, 1.2e-2, 2.4e-2],
  [0.0625, 0.125, 0.25, 0.5, 1, 2, 4, 8, 16],
);

/**
 * Four kinds of reward models with as many trials each: a new head on the whole completion; the sum of a policy's
 * log-probabilities; that of the last token alone; and DPO's implicit reward.
 */
export const rewardModelKinds: readonly RewardModelKind[] = [
  {
    label: scorers.global,
    settings: tunedSettings.global,
    trials: TRIALS,
    train: (lab, epochs, settings) => lab.rewardWith({ epochs, ...settings }),
  },
  {
    label: scorers.local,
    settings: tunedSettings.local,
    trials: TRIALS,
    train: (lab, epochs, settings) => lab.localReward(epochs, settings),
  },
  {
    label: scorers.last,
    settings: tunedSettings.last,
    trials: TRIALS,
    train: (lab, epochs, settings) => lab.localReward(epochs, { ...settings, credit: "last" }),
  },
  {
    label: scorers.dpo,
    settings: tunedSettings.dpoReward,
    trials: IMPLICIT_TRIALS,
    train: (lab, epochs, settings) => lab.dpo(epochs, settings),
  },
];

/** The epochs of a tuning's trials; on test seeds epochs are chosen on each seed. */
const TUNED_EPOCHS = 4;

/**
 * How each kind's settings are chosen: by how many of the annotator's labels on validation prompts it agrees with. The mean
 * probability of the labels would choose the largest β that was tried.
 */
export const rewardModelTuning: Tuning = {
  seeds: tuningSeeds,
  plan(seed) {
    const lab = laboratory(keyEnvConfig("laptop"), seed);
    return {
      arms: [],
      scorers: rewardModelKinds.flatMap(({ label, trials, train }) =>
        trials.map((trial) => judgedByLabels(lab, atTrial(label, trial), train(lab, TUNED_EPOCHS, trial))),
      ),
    };
  },
};
