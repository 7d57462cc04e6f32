import { createHash } from "node:crypto";
import type { NeoXConfig } from "../models/gpt-neox.ts";
import type { DataSizes } from "../tasks/task.ts";
import { device } from "../tensors/backend.ts";
import type { PreferenceOptions } from "../training/preference.ts";
import type { SftOptions } from "../training/sft.ts";
import type { TrainingOptions } from "../training/train.ts";
import { type TaskSpec, taskIdentity } from "./open-task.ts";

/*
 * A stage is one step of an experiment as plain data: everything that determines its result, the stages it
 * stands on included. Its identity is the hash of that data, so equal stages are computed once.
 */

/** What all stages of one seed share. */
export interface Setting {
  readonly task: TaskSpec;
  readonly sizes: DataSizes;
  readonly seed: number;
}

/** Supervised fine-tuning of a fresh model on the demonstrations. */
export interface SftStage {
  readonly kind: "sft";
  readonly setting: Setting;
  readonly model: NeoXConfig;
  readonly options: Omit<SftOptions, "seed">;
}

/** The pairs in the task's data, or the annotator's labels of two samples per prompt. */
export interface OfflinePairsStage {
  readonly kind: "offline-pairs";
  readonly setting: Setting;
  readonly policy: PolicyStage;
  readonly temperature: number;
}

/** The best against the worst of K samples per prompt, ranked by a reward model. */
export interface OnlinePairsStage {
  readonly kind: "online-pairs";
  readonly setting: Setting;
  readonly policy: PolicyStage;
  readonly reward: RewardStage;
  readonly completions: number;
  readonly temperature: number;
}

/** A global reward model, trained on pairs from a policy's weights. */
export interface RewardStage {
  readonly kind: "reward";
  readonly setting: Setting;
  readonly policy: PolicyStage;
  readonly pairs: PairsStage;
  readonly options: Omit<TrainingOptions, "seed">;
}

/** Preference fine-tuning of a policy on pairs, offline or online. */
export interface PreferenceStage {
  readonly kind: "preference";
  readonly setting: Setting;
  readonly policy: PolicyStage;
  readonly pairs: PairsStage;
  readonly options: Omit<PreferenceOptions, "seed">;
}

/** A policy's completions of held-out prompts, greedy and at temperature 1, with their gold rewards. */
export interface EvaluationStage {
  readonly kind: "evaluation";
  readonly setting: Setting;
  readonly policy: PolicyStage;
  readonly split: "validation" | "evaluation";
}

/** Scores of one policy's samples by a verifier, beside their gold rewards: for accuracy and best-of-N. */
export interface VerificationStage {
  readonly kind: "verification";
  readonly setting: Setting;
  readonly policy: PolicyStage;
  readonly verifier: RewardStage | PreferenceStage;
  readonly prompts: number;
  readonly completions: number;
  readonly temperature: number;
}

export type PolicyStage = SftStage | PreferenceStage;
export type PairsStage = OfflinePairsStage | OnlinePairsStage;
export type Stage =
  | SftStage
  | OfflinePairsStage
  | OnlinePairsStage
  | RewardStage
  | PreferenceStage
  | EvaluationStage
  | VerificationStage;

declare const __CODE_VERSION__: string | undefined;

/** Identifies the code that computes stages; set when the package is built. */
export const codeVersion: string = typeof __CODE_VERSION__ === "string" ? __CODE_VERSION__ : "source";

/**
 * A stage's name in the run store: its kind, its seed and the hash of all that determines its result, the code,
 * TensorFlow's version and the kind of device included.
 */
export function stageId(stage: Stage): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([codeVersion, platform(), sorted(stage)]))
    .digest("hex");
  return `${stage.kind}-seed${stage.setting.seed}-${digest.slice(0, 16)}`;
}

let known: string | undefined;

/** What may round differently: the kind of device, TensorFlow's version, and whether steps are compiled. */
function platform(): string {
  if (known === undefined) {
    const { kind, tensorflow } = device();
    known = `${kind} ${tensorflow}${process.env.ALLROADS_EAGER === undefined ? "" : " eager"}`;
  }
  return known;
}

/** The stages that a stage reads. */
export function parents(stage: Stage): Stage[] {
  return Object.values(stage).filter(
    (value): value is Stage => typeof value === "object" && value !== null && "kind" in value,
  );
}

/** `stages` and all that they stand on, each once, parents first. */
export function withAncestors(stages: readonly Stage[]): Stage[] {
  const found = new Map<string, Stage>();
  const visit = (stage: Stage) => {
    const id = stageId(stage);
    if (found.has(id)) return;
    parents(stage).forEach(visit);
    found.set(id, stage);
  };
  stages.forEach(visit);
  return [...found.values()];
}

/** A stage's rough cost, in forward passes of one sequence: what progress is measured in. */
export function cost(stage: Stage): number {
  const { sizes } = stage.setting;
  switch (stage.kind) {
    case "sft":
      return 3 * sizes.demonstrations * stage.options.epochs;
    case "reward":
    case "preference":
      return 6 * sizes.pairs * stage.options.epochs;
    case "offline-pairs":
      return 2 * sizes.pairs;
    case "online-pairs":
      return 2 * sizes.pairs * stage.completions;
    case "evaluation":
      return 3 * sizes[stage.split];
    case "verification":
      return 2 * stage.prompts * stage.completions;
  }
}

/** The same data with all object keys in order and tasks by their identity, so that equal stages have equal JSON. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(key === "task" ? taskIdentity(part) : part)]),
  );
}
