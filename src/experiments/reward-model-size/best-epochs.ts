import { arms, scorers } from "../../results/labels.ts";
import { arm, joinPlans, judged, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { atEveryEpoch } from "../tuned/epochs.ts";
import { tuningLaboratory } from "../tuned/laboratory.ts";
import { atBestEpochs, onlineFromSft } from "../tuned/policies.ts";
import { tunedSettings } from "../tuned/settings.ts";
import { atTrial, grid, tuningSeeds } from "../tuned/trials.ts";
import { judgedByLabels, type Tuning } from "../tuning.ts";
import { onlineArmOfWidth, rewardModelOfWidth, rewardOfSize } from "./plan.ts";

/** Reward models smaller and larger than the policy, whose d is 48, with the learning rate that suits each. */
export const otherSizes = [
  { width: 16, heads: 2, learningRate: 3e-3 },
  { width: 24, heads: 2, learningRate: 3e-3 },
  { width: 96, heads: 4, learningRate: 3e-3 },
] as const;

/** The sizes whose reward models also label the samples of an online arm. */
const LABELLING = otherSizes.filter(({ width }) => width !== 24);
/** β is that of the policy's size, which scales the output of a head of any width. */
const TRIALS = grid([7.5e-4, 1.5e-3, 3e-3, 6e-3, 1.2e-2, 2.4e-2], [tunedSettings.global.beta]);

/** Reward models of several sizes as verifiers of one policy's samples, and as what labels them for online DPO. */
export function rewardModelSizesPlan(lab: Laboratory): Plan {
  const { epochs } = lab.config.reward;
  return joinPlans([
    {
      arms: [arm(arms.sft, lab.sft)],
      scorers: [
        judged(scorers.gold, lab.verification("gold")),
        judged(scorers.global, lab.verification(lab.reward)),
        judged(scorers.dpo, lab.verification(lab.dpo(epochs, tunedSettings.dpoReward))),
        ...otherSizes.map((size) =>
          judged(
            rewardModelOfWidth(size.width),
            lab.verification(rewardOfSize(lab, size, size.learningRate)),
          ),
        ),
      ],
    },
    ...atBestEpochs(lab, [onlineFromSft]),
    ...LABELLING.map((size) => {
      const scorer = rewardOfSize(lab, size, size.learningRate);
      return atEveryEpoch(onlineArmOfWidth(size.width), (epochs) =>
        lab.online(lab.sft, { scorer }, { epochs, ...onlineFromSft.settings }),
      );
    }),
  ]);
}

/** How the learning rate of each size is chosen: by how many of the annotator's validation labels it agrees with. */
export const rewardModelSizesTuning: Tuning = {
  seeds: tuningSeeds,
  plan(seed) {
    const lab = tuningLaboratory(seed);
    return {
      arms: [],
      scorers: otherSizes.flatMap((size) =>
        TRIALS.map((trial) =>
          judgedByLabels(
            lab,
            atTrial(rewardModelOfWidth(size.width), trial),
            rewardOfSize(lab, size, trial.learningRate),
          ),
        ),
      ),
    };
  },
};
