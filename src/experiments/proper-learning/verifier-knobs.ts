import type { ScorerSpec } from "../../pipeline/scorers.ts";
import { arms, type Label, scorers, variant } from "../../results/labels.ts";
import { arm, joinPlans, judged, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { afterEpochs, atEveryEpoch } from "../tuned/epochs.ts";
import { atBestEpochs, offline, oneEpochDpo, onlineFromSft } from "../tuned/policies.ts";
import { tunedSettings } from "../tuned/settings.ts";

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

/**
 * The reward models that label the same samples: one of the policy's own class, and global ones that are made worse by noise
 * in their labels, by fewer pairs, or by training the head alone. What the offline policy learns from stays the same.
 */
function verifiers(lab: Laboratory): Verifier[] {
  const local = lab.localReward(lab.config.reward.epochs, tunedSettings.local);
  return [
    { scorer: scorers.local, arm: variant(arms.onlineSft, "local RM labels"), model: local },
    ...[0.2, 0.4].map((share) =>
      worse(`${100 * share} % flipped labels`, "of ", lab.rewardWith({ pairs: lab.flipped(share) })),
    ),
    ...[1000, 250].map((first) =>
      worse(`${first} pairs`, "of ", lab.rewardWith({ pairs: lab.pairsWith({ first }) })),
    ),
    worse("head only", "", lab.rewardWith({ trainable: "head" })),
  ];
}

/** Online DPO labelled by better and worse reward models, and by one that is a policy, beside offline DPO. */
export function verifierKnobsPlan(lab: Laboratory): Plan {
  const changed = verifiers(lab);
  return joinPlans([
    {
      arms: [arm(arms.sft, lab.sft)],
      scorers: [
        judged(scorers.global, lab.verification(lab.reward)),
        judged(afterEpochs(scorers.dpo, 1), lab.verification(oneEpochDpo(lab))),
        ...changed.map(({ scorer, model }) => judged(scorer, lab.verification(model))),
      ],
    },
    ...atBestEpochs(lab, [offline, onlineFromSft]),
    ...changed.map((one) =>
      atEveryEpoch(one.arm, (epochs) =>
        lab.online(lab.sft, { scorer: one.model }, { epochs, ...onlineFromSft.settings }),
      ),
    ),
  ]);
}
