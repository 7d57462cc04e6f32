import { arms, type Label, scorers, variant } from "../../results/labels.ts";
import { arm, joinPlans, judged, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { atBestEpochs, offline, onlineFromSft, type PolicyKind } from "../tuned/policies.ts";
import { tunedSettings } from "../tuned/settings.ts";
import type { Trial } from "../tuned/trials.ts";
import { inMainTask } from "./plan.ts";

/** DPO's implicit reward after as many epochs as the reward model. */
export const dpoAfterAsMany = variant(scorers.dpo, "as many epochs");

const KINDS = [offline, onlineFromSft];

/**
 * Whether the gap between online and offline closes in a task: both arms at every number of epochs, and the reward model
 * beside DPO's implicit reward after as many epochs, in that task and in the main comparison's, called `mainName`, on the
 * same posts.
 */
export function gapClosesAtBestEpochs(own: Laboratory, main: Laboratory, mainName: string): Plan {
  return joinPlans([
    ...bothGaps(own, KINDS, tunedSettings.dpoReward),
    { arms: [], pairs: { offline: own.pairs } },
    ...bothGaps(main, KINDS, tunedSettings.dpoReward, (label) => inMainTask(label, mainName)),
  ]);
}

/**
 * The policies of one task and its two verifiers: the reward model, and DPO's implicit reward after as many epochs at these
 * settings. Labels go through `relabel`.
 */
export function bothGaps(
  lab: Laboratory,
  kinds: readonly PolicyKind[],
  dpoReward: Trial,
  relabel = (label: Label) => label,
): Plan[] {
  const { epochs } = lab.config.reward;
  return [
    {
      arms: [arm(relabel(arms.sft), lab.sft)],
      scorers: [
        judged(relabel(scorers.global), lab.verification(lab.reward)),
        judged(relabel(dpoAfterAsMany), lab.verification(lab.dpo(epochs, dpoReward))),
      ],
    },
    ...atBestEpochs(lab, kinds, relabel),
  ];
}
