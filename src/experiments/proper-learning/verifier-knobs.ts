import type { ScorerSpec } from "../../pipeline/scorers.ts";
import { arms, type Label, scorers, variant } from "../../results/labels.ts";
import { arm, joinPlans, judged, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { afterEpochs, atEveryEpoch, bestEpoch, shortEpochGrid } from "../tuned/epochs.ts";
import {
  atBestEpochs,
  offline,
  oneEpochDpo,
  onlineByLocal,
  onlineFromSft,
  tunedLocal,
} from "../tuned/policies.ts";

/** A reward model as a scorer, and online DPO from SFT with its labels. */
export interface Verifier {
  readonly scorer: Label;
  readonly arm: Label;
}

/** A global reward model that differs in how it was trained. */
const worse = (how: string, of = "of "): Verifier => ({
  scorer: variant(scorers.global, how),
  arm: variant(arms.onlineSft, `RM ${of}${how}`),
});

const flippedLabels = (share: number) => worse(`${100 * share} % flipped labels`);
const fewerPairs = (first: number) => worse(`${first} pairs`);
const headOnly = worse("head only", "");

const flipped = (lab: Laboratory, share: number) =>
  labelling(lab, flippedLabels(share), lab.rewardWith({ pairs: lab.flipped(share) }));
const ofPairs = (lab: Laboratory, first: number) =>
  labelling(lab, fewerPairs(first), lab.rewardWith({ pairs: lab.pairsWith({ first }) }));

/** The DPO policy after one epoch, by its implicit reward. */
const dpoReward = afterEpochs(scorers.dpo, 1);

/** Every verifier with the arm that learns from it, at its best epoch: the online arms by their labels, and offline DPO. */
export const verifiers: readonly Verifier[] = [
  { scorer: scorers.global, arm: onlineFromSft.label },
  { scorer: scorers.local, arm: onlineByLocal.label },
  flippedLabels(0.4),
  fewerPairs(250),
  headOnly,
  { scorer: dpoReward, arm: offline.label },
].map(({ scorer, arm }) => ({ scorer, arm: bestEpoch(arm) }));

/**
 * Online DPO labelled by the global reward model, by one of the policy's own class, and by global ones that are made worse by
 * noise in their labels, by fewer pairs, or by training the head alone. What the offline policy learns from stays the same.
 */
export function verifierKnobsPlan(lab: Laboratory): Plan {
  return joinPlans([
    basis(lab),
    { arms: [], scorers: [judged(scorers.local, lab.verification(tunedLocal(lab)))] },
    ...atBestEpochs(lab, [offline, onlineFromSft, onlineByLocal]),
    flipped(lab, 0.4),
    ofPairs(lab, 250),
    labelling(lab, headOnly, lab.rewardWith({ trainable: "head" })),
  ]);
}

/** How the win rate of online DPO follows the reward model's accuracy, in three steps of label noise and of pairs. */
export function verifierSlopesPlan(lab: Laboratory): Plan {
  return joinPlans([
    basis(lab),
    ...atBestEpochs(lab, [offline, onlineFromSft]),
    flipped(lab, 0.2),
    flipped(lab, 0.4),
    ofPairs(lab, 1000),
    ofPairs(lab, 250),
  ]);
}

/** The start, the global reward model and, as a verifier, the one-epoch DPO policy. */
function basis(lab: Laboratory): Plan {
  return {
    arms: [arm(arms.sft, lab.sft)],
    scorers: [
      judged(scorers.global, lab.verification(lab.reward)),
      judged(dpoReward, lab.verification(oneEpochDpo(lab))),
    ],
  };
}

/** A reward model, and online DPO on the same samples with its labels. */
function labelling(lab: Laboratory, { scorer, arm: label }: Verifier, model: ScorerSpec): Plan {
  return {
    ...atEveryEpoch(
      label,
      (epochs) => lab.online(lab.sft, { scorer: model }, { epochs, ...onlineFromSft.settings }),
      shortEpochGrid,
    ),
    scorers: [judged(scorer, lab.verification(model))],
  };
}
