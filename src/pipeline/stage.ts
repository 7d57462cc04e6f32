import { createHash } from "node:crypto";
import { isUserCode, userCodeIdentity } from "../files/user-code.ts";
import type { Model } from "../models/gpt-neox.ts";
import { type TaskSpec, taskIdentity } from "../tasks/open-task.ts";
import type { DataSizes, PreferencePair } from "../tasks/task.ts";
import type { MetricsRow } from "../training/trainer.ts";
import { startIdentity } from "./start.ts";

/*
 * A stage is one step of an experiment as plain data: everything that determines its result, its parent stages
 * included. Its id is a hash of that data, so equal stages are computed once. Each kind of stage has a file in this
 * folder with its definition, its computation, what the ledger records of it, and its cost; kinds.ts lists them.
 */

/** What all stages of one seed share. */
export interface Setting {
  readonly task: TaskSpec;
  readonly sizes: DataSizes;
  readonly seed: number;
}

/** What a kind of stage stores, and what the ledger keeps of that. Types only. */
export interface Output {
  readonly result: object;
  readonly record: object;
}

declare const output: unique symbol;

/** A stage whose computation leaves `O`. The symbol exists for the type checker only. */
export interface Stage<O extends Output = Output> {
  readonly kind: string;
  readonly setting: Setting;
  readonly [output]?: O;
}

/** What training stages store: the model, and one row of metrics per step. */
export interface Trained {
  readonly result: { readonly model: Model; readonly metrics: readonly MetricsRow[] };
  readonly record: { readonly metrics: readonly MetricsRow[] };
}

/** A stage that trains a language model. `policy` is the one it starts from; absent for a fresh or a published model. */
export interface PolicyStage extends Stage<Trained & { readonly head?: "language" }> {
  readonly policy?: PolicyStage;
}

/** A stage of a reward model. `policy` is the one that its training starts from; absent for a published model. */
export interface RewardModelStage extends Stage<Trained & { readonly head?: "reward" }> {
  readonly policy?: PolicyStage;
}

/** A preference pair as stored: the prompt by its index in `pairPrompts`. */
export interface IndexedPair extends Omit<PreferencePair, "prompt"> {
  readonly prompt: number;
  /** The scorer's score of the chosen minus that of the rejected completion, if the stage of pairs asks for it. */
  readonly rewardDifference?: number;
}

/** A stage's name in the ledger: kind, seed and a hash of its data alone, without code and device. */
export function definitionId(stage: Stage): string {
  return idOf(stage, [identity(stage)]);
}

/** The id of a stage of this kind and seed that is determined by `parts`. */
export function idOf(stage: Stage, parts: readonly string[]): string {
  return `${stage.kind}-seed${stage.setting.seed}-${sha256(JSON.stringify(parts)).slice(0, 16)}`;
}

const identities = new WeakMap<Stage, string>();

/** The hash of a stage's data, in which parents are replaced by their own hashes. Cached: stages are never modified. */
export function identity(stage: Stage): string {
  let hash = identities.get(stage);
  if (hash === undefined) {
    hash = sha256(JSON.stringify(canonicalEntries(stage)));
    identities.set(stage, hash);
  }
  return hash;
}

/**
 * The same data with object keys sorted, and tasks, published models, stages and user code replaced by their identities:
 * equal stages have equal JSON.
 */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  if (isStage(value)) return identity(value);
  return Object.fromEntries(canonicalEntries(isUserCode(value) ? userCodeIdentity(value) : value));
}

function canonicalEntries(value: object): [string, unknown][] {
  const renamed = ("kind" in value && EARLIER_NAMES[String(value.kind)]) || {};
  return Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([key, part]): [string, unknown] => [
      renamed[key] ?? key,
      canonical(key === "task" ? taskIdentity(part) : key === "start" ? startIdentity(part) : part),
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Fields that had other names when the ledger's ids were computed, by kind of stage. */
const EARLIER_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "relabelled-pairs": { scorer: "labeller" },
  "online-pairs": { scorer: "labeller" },
  verification: { scorer: "verifier" },
};

/** The stages that define a stage: those among its fields, and among the entries of its `sources`. */
export function parents(stage: Stage): Stage[] {
  const sources = "sources" in stage && Array.isArray(stage.sources) ? stage.sources : [];
  return [stage, ...sources].flatMap((part): unknown[] => Object.values(part)).filter(isStage);
}

/** Whether a value is a stage. */
export function isStage(value: unknown): value is Stage {
  return typeof value === "object" && value !== null && "kind" in value && "setting" in value;
}

/** The stage that a policy's training began with: SFT of a fresh or a published model, or a published policy. */
export function rootPolicy(policy: PolicyStage): PolicyStage {
  return policy.policy === undefined ? policy : rootPolicy(policy.policy);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
