import type { ScorerSpec } from "../../pipeline/scorers.ts";
import { arms, type Label, scorers, variant } from "../../results/labels.ts";
import { arm, joinPlans, judged, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { afterEpochs, atEveryEpoch, shortEpochGrid } from "../tuned/epochs.ts";
import {
  atBestEpochs,
  offline,
  oneEpochDpo,
  onlineByLocal,
  onlineFromSft,
  tunedLocal,
} from "../tuned/policies.ts";

/** A reward model beside the global one, as a scorer and as what labels an online arm. */
interface Verifier {
  readonly scorer: Label;
  readonly arm: Label;
  readonly model: ScorerSpec;
}

/** A global reward model that differs in how it was trained. */
const worse = (how: string, of: string, model: ScorerSpec): Verifier => ({
  scorer: variant(scorers.global, how),
  arm: variant(arms.onlineSft, `RM ${of}${how}`),
  model,
});

const flipped = (lab: Laboratory, share: number) =>
  worse(`${100 * share} % flipped labels`, "of ", lab.rewardWith({ pairs: lab.flipped(share) }));
const ofPairs = (lab: Laboratory, first: number) =>
  worse(`${first} pairs`, "of ", lab.rewardWith({ pairs: lab.pairsWith({ first }) }));

/**
 * Online DPO labelled by the global reward model, by one of the policy's own class, and by global ones that are made worse by
 * noise in their labels, by fewer pairs, or by training the head alone. What the offline policy learns from stays the same.
 */
export function verifierKnobsPlan(lab: Laboratory): Plan {
  const changed = [
    flipped(lab, 0.4),
    ofPairs(lab, 250),
    worse("head only", "", lab.rewardWith({ trainable: "head" })),
  ];
  return joinPlans([
    basis(lab),
    { arms: [], scorers: [judged(scorers.local, lab.verification(tunedLocal(lab)))] },
    ...atBestEpochs(lab, [offline, onlineFromSft, onlineByLocal]),
    ...changed.map((one) => labelling(lab, one)),
  ]);
}

/** How the win rate of online DPO follows the reward model's accuracy, in three steps of label noise and of pairs. */
export function verifierSlopesPlan(lab: Laboratory): Plan {
  const steps = [flipped(lab, 0.2), flipped(lab, 0.4), ofPairs(lab, 1000), ofPairs(lab, 250)];
  return joinPlans([
    basis(lab),
    ...atBestEpochs(lab, [offline, onlineFromSft]),
    ...steps.map((one) => labelling(lab, one)),
  ]);
}

/** The start, the global reward model and, as a verifier, the one-epoch DPO policy. */
function basis(lab: Laboratory): Plan {
  return {
    arms: [arm(arms.sft, lab.sft)],
    scorers: [
      judged(scorers.global, lab.verification(lab.reward)),
      judged(afterEpochs(scorers.dpo, 1), lab.verification(oneEpochDpo(lab))),
    ],
  };
}

/** A reward model, and online DPO on the same samples with its labels. */
function labelling(lab: Laboratory, { scorer, arm: label, model }: Verifier): Plan {
  return {
    ...atEveryEpoch(
      label,
      (epochs) => lab.online(lab.sft, { scorer: model }, { epochs, ...onlineFromSft.settings }),
      shortEpochGrid,
    ),
    scorers: [judged(scorer, lab.verification(model))],
  };
}
