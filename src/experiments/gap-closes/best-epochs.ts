import { arms, type Label, scorers, variant } from "../../results/labels.ts";
import { arm, joinPlans, judged, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { atBestEpochs, offline, onlineFromSft } from "../tuned/policies.ts";
import { tunedSettings } from "../tuned/settings.ts";
import { inMainTask } from "./plan.ts";

/** DPO's implicit reward after as many epochs as the reward model. */
export const dpoAfterAsMany = variant(scorers.dpo, "as many epochs");

/**
 * Whether the gap between online and offline closes in a task: both arms at every number of epochs, and the reward model
 * beside DPO's implicit reward after as many epochs, in that task and in the main comparison's, called `mainName`, on the
 * same posts.
 */
export function gapClosesAtBestEpochs(own: Laboratory, main: Laboratory, mainName: string): Plan {
  return joinPlans([
    ...bothGaps(own, (label) => label),
    { arms: [], pairs: { offline: own.pairs } },
    ...bothGaps(main, (label) => inMainTask(label, mainName)),
  ]);
}

/** The policies and the verifiers of one task, whose labels go through `relabel`. */
function bothGaps(lab: Laboratory, relabel: (label: Label) => Label): Plan[] {
  const { epochs } = lab.config.reward;
  return [
    {
      arms: [arm(relabel(arms.sft), lab.sft)],
      scorers: [
        judged(relabel(scorers.global), lab.verification(lab.reward)),
        judged(relabel(dpoAfterAsMany), lab.verification(lab.dpo(epochs, tunedSettings.dpoReward))),
      ],
    },
    ...atBestEpochs(lab, [offline, onlineFromSft], relabel),
  ];
}
