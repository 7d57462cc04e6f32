import { createHash } from "node:crypto";
import type { NeoXConfig } from "../models/gpt-neox.ts";
import { type TaskSpec, taskIdentity } from "../tasks/open-task.ts";
import type { DataSizes } from "../tasks/task.ts";
import { device } from "../tensors/backend.ts";
import type { PreferenceLossName } from "../training/losses.ts";
import type { OnPolicyKlOptions } from "../training/on-policy-kl.ts";
import type { PreferenceOptions } from "../training/preference.ts";
import type { SftOptions } from "../training/sft.ts";
import type { TrainingOptions } from "../training/train.ts";

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

/** Who writes one side of an offline pair: a policy at a temperature, or one of the task's writers by name. */
export type Source =
  | { readonly policy: PolicyStage; readonly temperature: number }
  | { readonly writer: string };

/**
 * The pairs in the task's data, or the annotator's labels of two completions per prompt: two samples of the policy,
 * or, where `sources` are given, each side by one of them drawn at random.
 */
export interface OfflinePairsStage {
  readonly kind: "offline-pairs";
  readonly setting: Setting;
  readonly policy: PolicyStage;
  readonly temperature: number;
  readonly sources?: readonly Source[];
  /** How many prompts are used, the first of the setting's; all unless told. */
  readonly first?: number;
}

/** The same completions as those of `pairs`, ordered by another labeller. */
export interface RelabelledPairsStage {
  readonly kind: "relabelled-pairs";
  readonly setting: Setting;
  readonly pairs: OfflinePairsStage;
  readonly scorer: ScorerSpec;
}

/** The best against the worst of K samples per prompt, ranked by a labeller. */
export interface OnlinePairsStage {
  readonly kind: "online-pairs";
  readonly setting: Setting;
  readonly policy: PolicyStage;
  readonly scorer: ScorerSpec;
  readonly completions: number;
  readonly temperature: number;
  /** How many prompts are used, as for offline pairs. */
  readonly first?: number;
  /** How many of the demonstrations' prompts are used as well; none unless told. */
  readonly demonstrations?: number;
}

/** A global reward model, trained on pairs from a policy's weights. */
export interface RewardStage {
  readonly kind: "reward";
  readonly setting: Setting;
  readonly policy: PolicyStage;
  readonly pairs: PairsStage;
  readonly options: Omit<TrainingOptions, "seed">;
}

/** The settings of preference fine-tuning as data. */
export interface PreferenceSettings
  extends Omit<PreferenceOptions, "seed" | "reference" | "loss" | "regularizer"> {
  readonly reference: "start" | "none";
  readonly loss?: PreferenceLossName;
  /** Adds an on-policy KL from the policy at the start of training. */
  readonly kl?: OnPolicyKlOptions;
}

/** Preference fine-tuning of a policy on pairs, offline or online; without a reference, a local reward model. */
export interface PreferenceStage {
  readonly kind: "preference";
  readonly setting: Setting;
  readonly policy: PolicyStage;
  readonly pairs: PairsStage;
  readonly options: PreferenceSettings;
}

/**
 * A policy's completions of held-out prompts, greedy and at several temperatures, with their gold rewards, and its
 * divergence from a reference.
 */
export interface EvaluationStage {
  readonly kind: "evaluation";
  readonly setting: Setting;
  readonly policy: PolicyStage;
  readonly split: "validation" | "evaluation";
  readonly reference?: PolicyStage;
}

/**
 * Scores of one policy's samples on held-out prompts by a verifier, beside their gold rewards: for accuracy and
 * best-of-N. The prompts are those of the stage's own setting, which may be another task than the verifier's.
 */
export interface VerificationStage {
  readonly kind: "verification";
  readonly setting: Setting;
  readonly policy: PolicyStage;
  readonly scorer: ScorerSpec;
  readonly split: "validation" | "evaluation";
  readonly prompts: number;
  readonly completions: number;
  readonly temperature: number;
  /** Rounds what training changed in the verifier to so many bits per number; not at all unless told. */
  readonly bits?: number;
}

/**
 * What ranks completions: a reward model; a policy's implicit reward (a local reward model's where it was trained
 * without a reference); the task's gold reward; or the likelihood under the policy whose samples they are.
 */
export type ScorerSpec = RewardStage | PreferenceStage | "gold" | "likelihood";
export type PolicyStage = SftStage | PreferenceStage;
export type PairsStage = OfflinePairsStage | RelabelledPairsStage | OnlinePairsStage;
export type Stage =
  | SftStage
  | PairsStage
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
  return named(stage, [codeVersion, platform(), identity(stage)]);
}

/** A stage's name whatever the code and the machine: what it is called in the ledger. */
export function definitionId(stage: Stage): string {
  return named(stage, [identity(stage)]);
}

function named(stage: Stage, determining: readonly string[]): string {
  const digest = createHash("sha256").update(JSON.stringify(determining)).digest("hex");
  return `${stage.kind}-seed${stage.setting.seed}-${digest.slice(0, 16)}`;
}

const identities = new WeakMap<Stage, string>();

/** The hash of a stage's data, in which its parents stand by theirs. Stages are never changed, so it is kept. */
function identity(stage: Stage): string {
  let found = identities.get(stage);
  if (found === undefined) {
    found = createHash("sha256")
      .update(JSON.stringify(sortedEntries(stage)))
      .digest("hex");
    identities.set(stage, found);
  }
  return found;
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
  const sources = "sources" in stage ? (stage.sources ?? []) : [];
  const parts = [stage, ...sources].flatMap((part): unknown[] => Object.values(part));
  return parts.filter(isStage);
}

function isStage(value: unknown): value is Stage {
  return typeof value === "object" && value !== null && "kind" in value && "setting" in value;
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

/** A stage's rough cost, in forward passes of one sequence of one model size: what progress is measured in. */
export function cost(stage: Stage): number {
  const { sizes } = stage.setting;
  switch (stage.kind) {
    case "sft":
      return size(stage) * 3 * sizes.demonstrations * stage.options.epochs;
    case "reward":
      return size(stage) * 6 * pairCount(stage.pairs) * stage.options.epochs;
    case "preference":
      return size(stage) * (stage.options.kl ? 12 : 6) * pairCount(stage.pairs) * stage.options.epochs;
    case "offline-pairs":
      return size(stage) * 2 * pairCount(stage);
    case "relabelled-pairs":
      return 2 * pairCount(stage);
    case "online-pairs":
      return size(stage) * 2 * pairCount(stage) * stage.completions;
    case "evaluation":
      return size(stage) * (stage.split === "evaluation" ? 10 : 3) * sizes[stage.split];
    case "verification":
      return size(stage) * 2 * stage.prompts * stage.completions;
  }
}

/** How many pairs a stage of pairs makes at most. */
function pairCount(stage: PairsStage): number {
  if (stage.kind === "relabelled-pairs") return pairCount(stage.pairs);
  const { pairs } = stage.setting.sizes;
  const demonstrations = stage.kind === "online-pairs" ? (stage.demonstrations ?? 0) : 0;
  return Math.min(stage.first ?? pairs, pairs) + demonstrations;
}

/** A stage's model beside the laboratory's usual one, by the numbers in its blocks. */
function size(stage: Exclude<Stage, RelabelledPairsStage>): number {
  let policy: SftStage | Exclude<typeof stage, SftStage> = stage;
  while (policy.kind !== "sft") policy = policy.policy;
  const { hidden_size, num_hidden_layers } = policy.model;
  return (hidden_size ** 2 * num_hidden_layers) / (48 ** 2 * 2);
}

/**
 * The same data with all object keys in order, tasks by what identifies them and stages inside by their hashes, so
 * that equal stages have equal JSON.
 */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return isStage(value) ? identity(value) : Object.fromEntries(sortedEntries(value));
}

function sortedEntries(value: object): [string, unknown][] {
  const renamed = ("kind" in value && EARLIER_NAMES[String(value.kind)]) || {};
  return Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([key, part]): [string, unknown] => [
      renamed[key] ?? key,
      sorted(key === "task" ? taskIdentity(part) : part),
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Fields that had other names when the ledger's ids were computed, by stage kind. */
const EARLIER_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "relabelled-pairs": { scorer: "labeller" },
  "online-pairs": { scorer: "labeller" },
  verification: { scorer: "verifier" },
};
