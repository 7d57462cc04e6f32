import { arms, variant } from "../../results/labels.ts";
import { arm, joinPlans, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { afterEpochs, atEveryEpoch } from "../tuned/epochs.ts";
import { atBestEpochs, offline, onlineFromSft } from "../tuned/policies.ts";

/** The weight of the KL in the loss, and the epochs that are trained with it: those at which DPO strays. */
const KL_WEIGHT = 0.1;
const KL_EPOCHS = [5, 8, 12, 18] as const;

/** Offline DPO with KL(π ‖ π_SFT) in its loss, measured on the policy's own samples. */
export const withExplicitKl = variant(arms.dpo, `KL ${KL_WEIGHT}`);
/** The best offline arm with or without the KL. */
export const bestOfBoth = variant(arms.dpo, "with or without KL, best epoch");

/** Offline DPO after many epochs with and without an explicit KL, beside online DPO. */
export function explicitKlPlan(lab: Laboratory): Plan {
  const dpo = atEveryEpoch(arms.dpo, (epochs) => offline.train(lab, epochs, offline.settings));
  const kl = { weight: KL_WEIGHT, completions: 1 };
  const held = KL_EPOCHS.map((epochs) =>
    arm(afterEpochs(withExplicitKl, epochs), lab.dpo(epochs, { ...offline.settings, kl })),
  );
  const candidates = [...dpo.arms, ...held].map(({ label }) => label);
  return joinPlans([
    {
      arms: [arm(arms.sft, lab.sft), ...held],
      bestArms: [{ label: bestOfBoth, candidates, openEnds: "upper" }],
    },
    dpo,
    ...atBestEpochs(lab, [onlineFromSft]),
  ]);
}
