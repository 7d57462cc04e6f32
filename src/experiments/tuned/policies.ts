import type { PreferenceStage } from "../../pipeline/preference.ts";
import type { PolicyStage } from "../../pipeline/stage.ts";
import { arms, type Label, otherArms, variant } from "../../results/labels.ts";
import { type Arm, arm, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import type { Tuning } from "../tuning.ts";
import { afterEpochs, atEveryEpoch, epochGrid, shortEpochGrid } from "./epochs.ts";
import { tuningLaboratory } from "./laboratory.ts";
import { tunedSettings } from "./settings.ts";
import { atTrial, grid, type Trial, tuningSeeds } from "./trials.ts";

/** A kind of preference fine-tuning, with the settings that suit it. */
export interface PolicyKind {
  readonly label: Label;
  readonly settings: Trial;
  /** What was tried; as many trials for every kind. */
  readonly trials: readonly Trial[];
  /** The numbers of epochs among which the best is chosen on each test seed. */
  readonly epochs: readonly number[];
  readonly train: (lab: Laboratory, epochs: number, settings: Trial) => PolicyStage;
}

const TRIALS = grid([3e-4, 1e-3, 3e-3], [0.25, 0.5, 1, 2, 4, 8, 16]);
/** As many, a step of β higher: the best of the above was at that end. */
const LOCAL_TRIALS = grid([3e-4, 1e-3, 3e-3], [0.5, 1, 2, 4, 8, 16, 32]);

/** Offline DPO from SFT. */
export const offline: PolicyKind = {
  label: arms.dpo,
  settings: tunedSettings.dpo,
  trials: TRIALS,
  epochs: epochGrid,
  train: (lab, epochs, settings) => lab.dpo(epochs, settings),
};

/** Offline DPO from the one-epoch DPO policy, which is its reference, on the same pairs. */
export const reanchored: PolicyKind = {
  label: otherArms.dpoReanchored,
  settings: tunedSettings.dpoReanchored,
  trials: TRIALS,
  epochs: shortEpochGrid,
  train: (lab, epochs, settings) => lab.dpo(epochs, settings, lab.pairs, oneEpochDpo(lab)),
};

/** Online DPO from SFT, on SFT samples that the reward model labels. */
export const onlineFromSft: PolicyKind = {
  label: arms.onlineSft,
  settings: tunedSettings.onlineSft,
  trials: TRIALS,
  epochs: epochGrid,
  train: (lab, epochs, settings) => lab.online(lab.sft, {}, { epochs, ...settings }),
};

/** Online DPO from the one-epoch DPO policy, on its samples. */
export const onlineFromDpo: PolicyKind = {
  label: arms.onlineDpo,
  settings: tunedSettings.onlineDpo,
  trials: TRIALS,
  epochs: shortEpochGrid,
  train: (lab, epochs, settings) => lab.online(oneEpochDpo(lab), {}, { epochs, ...settings }),
};

/** Online DPO from SFT on the same samples, labelled by a reward model of the policy's own class. */
export const onlineByLocal: PolicyKind = {
  label: variant(arms.onlineSft, "local RM labels"),
  settings: tunedSettings.onlineByLocal,
  trials: LOCAL_TRIALS,
  epochs: epochGrid,
  train: (lab, epochs, settings) => lab.online(lab.sft, { scorer: tunedLocal(lab) }, { epochs, ...settings }),
};

/** Best-of-K fine-tuning: SFT on the best of 12 samples; β plays no part in it. */
export const raft: PolicyKind = {
  label: otherArms.raft,
  settings: tunedSettings.raft,
  epochs: epochGrid,
  trials: grid(
    [
      1e-4, 1.5e-4, 2e-4, 2.5e-4, 3e-4, 4e-4, 5e-4, 6e-4, 7e-4, 8e-4, 1e-3, 1.2e-3, 1.5e-3, 2e-3, 2.5e-3,
      3e-3, 4e-3, 5e-3, 7e-3, 1e-2, 1.5e-2,
    ],
    [1],
  ),
  train: (lab, epochs, { learningRate }) => lab.bestOfSft(lab.sft, {}, { epochs, learningRate }),
};

/** REBEL from SFT, on the pairs of online DPO and the reward model's differences. */
export const rebel: PolicyKind = {
  label: otherArms.rebel,
  settings: tunedSettings.rebel,
  epochs: epochGrid,
  trials: grid([3e-4, 1e-3, 3e-3], [0.0625, 0.125, 0.25, 0.5, 1, 2, 4]),
  train: (lab, epochs, settings) =>
    lab.online(lab.sft, { rewardDifferences: true }, { loss: "rebel", epochs, ...settings }),
};

/** RLOO from SFT: policy gradient on four samples of each post and step. */
export const rloo: PolicyKind = {
  label: otherArms.rloo,
  settings: tunedSettings.rloo,
  epochs: epochGrid,
  trials: grid([1e-3, 3e-3, 1e-2], [0.03125, 0.0625, 0.125, 0.25, 0.5, 1, 2]),
  train: (lab, epochs, settings) => lab.rloo(lab.sft, { epochs, ...settings }),
};

/** The local reward model at its own settings, after as many epochs as the global one. */
export function tunedLocal(lab: Laboratory): PreferenceStage {
  return lab.localReward(lab.config.reward.epochs, tunedSettings.local);
}

/** The DPO policy after one epoch, from which other kinds start. */
export function oneEpochDpo(lab: Laboratory): PreferenceStage {
  return lab.dpo(1, tunedSettings.dpo);
}

/** Each trial trains for few and for many epochs, and counts by the better of the two. */
export const tunedEpochs = [2, 6] as const;

/**
 * Policies of some kinds at their own settings, after every number of epochs and at the best of them, a plan for each.
 * `relabel` names an arm before its epochs are added.
 */
export function atBestEpochs(
  lab: Laboratory,
  kinds: readonly PolicyKind[],
  relabel = (label: Label) => label,
): Plan[] {
  return kinds.map((kind) =>
    atEveryEpoch(relabel(kind.label), (epochs) => kind.train(lab, epochs, kind.settings), kind.epochs),
  );
}

/** The policies by which the settings of some kinds are chosen: every trial after every number of epochs. */
export function policyTrials(lab: Laboratory, kinds: readonly PolicyKind[]): Arm[] {
  return kinds.flatMap(({ label, trials, train }) =>
    trials.flatMap((trial) =>
      tunedEpochs.map((epochs) => arm(afterEpochs(atTrial(label, trial), epochs), train(lab, epochs, trial))),
    ),
  );
}

/** How the settings of some kinds are chosen: by the win rate on tuning seeds. */
function policyTuning(kinds: readonly PolicyKind[]): Tuning {
  return {
    seeds: tuningSeeds,
    plan: (seed) => ({ arms: policyTrials(tuningLaboratory(seed), kinds) }),
  };
}

/** The tuning of the kinds that start from SFT. */
export const tuningFromSft = policyTuning([offline, onlineFromSft]);
/** The tuning of online DPO by a reward model of the policy's own class. */
export const tuningByLocal = policyTuning([onlineByLocal]);
/** The tuning of other ways to use the reward model. */
export const tuningOfOthers = policyTuning([raft, rebel, rloo]);
/** The tuning of the kinds that start from DPO's policy, which must be tuned first. */
export const tuningFromDpo = policyTuning([reanchored, onlineFromDpo]);
