import type { OfflinePairsStage, PreferenceStage, RewardStage } from "../pipeline/stage.ts";
import type { Laboratory } from "./laboratory.ts";

/** What arms learn from. */
export interface Ground {
  readonly pairs: OfflinePairsStage;
  readonly reward: RewardStage;
  /** How many prompts the online arms sample; all unless told. */
  readonly first?: number;
  /** Multiplies the epochs of every arm; 1 unless told. */
  readonly times?: number;
}

/** The paper's fine-tuned arms on one set of pairs: offline DPO for one and two epochs, online DPO from SFT and DPO. */
export function paperArms(
  lab: Laboratory,
  { pairs, reward, first, times = 1 }: Ground = lab,
): Record<"dpo" | "dpo-2x" | "online-sft" | "online-dpo", PreferenceStage> {
  const dpo = lab.dpo(times, {}, pairs);
  const online = (policy: Parameters<Laboratory["online"]>[0]) =>
    lab.online(policy, { scorer: reward, first }, { epochs: times * lab.config.online.epochs });
  return {
    dpo,
    "dpo-2x": lab.dpo(2 * times, {}, pairs),
    "online-sft": online(lab.sft),
    "online-dpo": online(dpo),
  };
}
