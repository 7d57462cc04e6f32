import type { NeoXConfig } from "../models/gpt-neox.ts";
import type { PolicyStage, Setting } from "./stage.ts";
import type { StageKind } from "./stage-inputs.ts";
import { openStart, type Start } from "./start.ts";
import { trainingRecord } from "./training-record.ts";

/**
 * A published policy as it is, for example one that others have fine-tuned. The run store keeps only that it was checked:
 * its weights are read from its own files.
 */
export interface CheckpointStage extends PolicyStage {
  readonly kind: "checkpoint";
  readonly model: NeoXConfig;
  readonly start: Start;
}

/** A published policy's stage. */
export function checkpointStage(setting: Setting, start: Start): CheckpointStage {
  return { kind: "checkpoint", setting, model: start.model, start };
}

/** How published policies are checked and recorded. */
export const checkpoint: StageKind<CheckpointStage> = {
  kind: "checkpoint",
  run: ({ start }, { task }) => ({ model: openStart(start, "language", task.vocabulary), metrics: [] }),
  record: trainingRecord,
  cost: () => 0,
};
