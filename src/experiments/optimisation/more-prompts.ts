import { arms, variant } from "../../results/labels.ts";
import { arm, joinPlans, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { atEveryEpoch } from "../tuned/epochs.ts";
import { atBestEpochs, offline, onlineFromSft } from "../tuned/policies.ts";

/** Online DPO from SFT on three times the prompts: those of the pairs, and twice as many of the demonstrations. */
export const onMorePrompts = variant(arms.onlineSft, "3 × the prompts");

/** Epochs on three times the prompts: as many steps as 3, 6, 12 and 18 epochs on those of the pairs. */
export const morePromptsEpochs = [1, 2, 4, 6] as const;

/** Online DPO on more prompts, which have no preferences, beside the online and the offline arm. */
export function morePromptsPlan(lab: Laboratory): Plan {
  const demonstrations = 2 * lab.config.sizes.pairs;
  return joinPlans([
    { arms: [arm(arms.sft, lab.sft)] },
    ...atBestEpochs(lab, [offline, onlineFromSft]),
    atEveryEpoch(
      onMorePrompts,
      (epochs) => lab.online(lab.sft, { demonstrations }, { epochs, ...onlineFromSft.settings }),
      morePromptsEpochs,
    ),
  ]);
}
