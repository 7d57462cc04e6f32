import type { OfflinePairsStage } from "../pipeline/offline-pairs.ts";
import type { PolicyStage } from "../pipeline/stage.ts";
import { arms, scorers } from "../results/labels.ts";
import { arm, judged, type Plan } from "../results/plan.ts";
import type { Laboratory } from "./laboratory.ts";

/** The preferences that arms learn from, and the reward model trained on them. */
export interface TrainingData {
  readonly pairs: OfflinePairsStage;
  readonly reward: Laboratory["reward"];
  /** Number of prompts that online arms sample, from the first on; default all. */
  readonly first?: number;
  /** Multiplies every arm's epochs; default 1. */
  readonly epochsFactor?: number;
}

/**
 * The paper's fine-tuned arms on one set of preferences: offline DPO for one and two epochs, online DPO from SFT and
 * from DPO. The reward model and DPO's implicit reward are its scorers. The default data are the laboratory's.
 */
export function paperPlan(
  lab: Laboratory,
  { pairs, reward, first, epochsFactor = 1 }: TrainingData = lab,
): Required<Pick<Plan, "arms" | "scorers">> {
  const dpo = lab.dpo(epochsFactor, {}, pairs);
  const online = (policy: PolicyStage) =>
    lab.online(policy, { scorer: reward, first }, { epochs: epochsFactor * lab.config.online.epochs });
  return {
    arms: [
      arm(arms.dpo, dpo),
      arm(arms.dpo2x, lab.dpo(2 * epochsFactor, {}, pairs)),
      arm(arms.onlineSft, online(lab.sft)),
      arm(arms.onlineDpo, online(dpo)),
    ],
    scorers: [judged(scorers.global, lab.verification(reward)), judged(scorers.dpo, lab.verification(dpo))],
  };
}
