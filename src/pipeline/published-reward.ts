import type { NeoXConfig } from "../models/gpt-neox.ts";
import { globalScorer } from "../models/scorers.ts";
import type { RewardModelStage, Setting } from "./stage.ts";
import type { StageKind } from "./stage-inputs.ts";
import { openStart, type Start } from "./start.ts";
import { trainingRecord } from "./training-record.ts";

/**
 * A published reward model as it is, in place of one that is trained on a seed's pairs. The run store keeps only that it
 * was checked: its weights are read from its own files.
 */
export interface PublishedRewardStage extends RewardModelStage {
  readonly kind: "published-reward";
  readonly model: NeoXConfig;
  readonly start: Start;
  readonly policy?: undefined;
}

/** A published reward model's stage. */
export function publishedRewardStage(setting: Setting, start: Start): PublishedRewardStage {
  return { kind: "published-reward", setting, model: start.model, start };
}

/** How published reward models are checked and recorded, and the scorers that they make. */
export const publishedReward: StageKind<PublishedRewardStage> = {
  kind: "published-reward",
  run: ({ start }, { task }) => ({ model: openStart(start, "reward", task.vocabulary), metrics: [] }),
  record: trainingRecord,
  cost: () => 0,
  scorer: (_, task, model) => globalScorer(task, model),
};
