import { arms, scorers } from "../../results/labels.ts";
import { arm, joinPlans, judged, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { atEveryEpoch } from "../tuned/epochs.ts";
import { atBestEpochs, offline, onlineFromSft } from "../tuned/policies.ts";
import { onWidePairs, wideSources } from "./plan.ts";

/** Online and offline DPO on narrow pairs, two SFT samples each, and on wide ones, all at every number of epochs. */
export function pairWidthPlan(lab: Laboratory): Plan {
  const pairs = lab.pairsWith({ sources: wideSources(lab) });
  const reward = lab.rewardWith({ pairs });
  return joinPlans([
    {
      arms: [arm(arms.sft, lab.sft)],
      scorers: [
        judged(scorers.global, lab.verification(lab.reward)),
        judged(onWidePairs(scorers.global), lab.verification(reward)),
      ],
      pairs: { narrow: lab.pairs, wide: pairs },
    },
    ...atBestEpochs(lab, [offline, onlineFromSft]),
    atEveryEpoch(onWidePairs(arms.dpo), (epochs) => lab.dpo(epochs, offline.settings, pairs)),
    atEveryEpoch(onWidePairs(arms.onlineSft), (epochs) =>
      lab.online(lab.sft, { scorer: reward }, { epochs, ...onlineFromSft.settings }),
    ),
  ]);
}
