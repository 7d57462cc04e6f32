import { arms, variant } from "../../results/labels.ts";
import { arm, joinPlans, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { atEveryEpoch } from "../tuned/epochs.ts";
import {
  atBestEpochs,
  offline,
  oneEpochDpo,
  onlineFromDpo,
  onlineFromSft,
  reanchored,
} from "../tuned/policies.ts";

/** Online DPO from DPO, whose samples the DPO policy labels itself by its implicit reward. */
export const ownLabels = variant(arms.onlineDpo, "own labels");
/** Offline DPO on the annotator's pairs, labelled by the reward model. */
export const relabelled = variant(arms.dpo, "pairs relabelled by the RM");
/** Online DPO from SFT on two samples of each post. */
export const twoSamples = variant(arms.onlineSft, "K = 2");
/** Online DPO from SFT, labelled by the SFT policy's own likelihood. */
export const ownLikelihood = variant(arms.onlineSft, "own likelihood, 1 epoch");

/**
 * What online fine-tuning gains by: the labels of the pairs, fresh samples, or the best of many of them. From the
 * annotator's pairs to the online ones one thing changes at a time.
 */
export function labelSourcesPlan(lab: Laboratory): Plan {
  const dpo = oneEpochDpo(lab);
  const pairs = lab.relabelled(lab.reward);
  return joinPlans([
    {
      arms: [
        arm(arms.sft, lab.sft),
        arm(
          ownLikelihood,
          lab.online(lab.sft, { scorer: "likelihood" }, { epochs: 1, ...onlineFromSft.settings }),
        ),
      ],
    },
    ...atBestEpochs(lab, [offline, onlineFromSft, reanchored, onlineFromDpo]),
    atEveryEpoch(relabelled, (epochs) => lab.dpo(epochs, offline.settings, pairs)),
    atEveryEpoch(twoSamples, (epochs) =>
      lab.online(lab.sft, { completions: 2 }, { epochs, ...onlineFromSft.settings }),
    ),
    atEveryEpoch(
      ownLabels,
      (epochs) => lab.online(dpo, { scorer: dpo }, { epochs, ...onlineFromDpo.settings }),
      onlineFromDpo.epochs,
    ),
  ]);
}
