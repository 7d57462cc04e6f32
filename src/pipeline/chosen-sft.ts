import { type SftOptions, trainSft } from "../training/sft.ts";
import { type PairsStage, pairCount, readPairs } from "./pairs.ts";
import { policySize } from "./sft.ts";
import type { PolicyStage, Setting } from "./stage.ts";
import type { StageKind } from "./stage-inputs.ts";
import { trainingRecord } from "./training-record.ts";

/**
 * Supervised fine-tuning of a policy on the chosen completions of pairs. On online pairs of the policy's own samples it is
 * best-of-K fine-tuning: RAFT (Dong et al., arXiv 2304.06767).
 */
export interface ChosenSftStage extends PolicyStage {
  readonly kind: "chosen-sft";
  readonly policy: PolicyStage;
  readonly pairs: PairsStage;
  readonly options: Omit<SftOptions, "seed">;
}

/** A stage of supervised fine-tuning on chosen completions. */
export function chosenSftStage(
  setting: Setting,
  policy: PolicyStage,
  pairs: PairsStage,
  options: ChosenSftStage["options"],
): ChosenSftStage {
  return { kind: "chosen-sft", setting, policy, pairs, options };
}

/** How stages of supervised fine-tuning on chosen completions are computed and recorded. */
export const chosenSft: StageKind<ChosenSftStage> = {
  kind: "chosen-sft",
  async run({ policy, options, setting: { seed }, ...stage }, inputs) {
    const { model: start } = inputs.read(policy);
    const demonstrations = readPairs(inputs, stage.pairs).map(({ prompt, chosen }) => ({
      prompt,
      completion: chosen,
    }));
    return trainSft(inputs.task, start, demonstrations, { ...options, seed }, inputs.training());
  },
  record: trainingRecord,
  cost: ({ policy, pairs, options }) => policySize(policy) * 3 * pairCount(pairs) * options.epochs,
};
