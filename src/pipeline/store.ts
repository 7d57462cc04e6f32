import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { PairStatistics } from "../evaluation/pair-statistics.ts";
import { loadPolicy, savePolicy } from "../models/checkpoint.ts";
import type { Model } from "../models/gpt-neox.ts";
import type { PreferencePair } from "../tasks/task.ts";
import type { MetricsRow } from "../training/train.ts";
import { type Stage, stageId } from "./stage.ts";

/** What a stage leaves behind; each kind fills the parts it computes. */
export interface StageResult {
  readonly model?: Model;
  /** Preference pairs, each prompt by its place among the data's prompts. */
  readonly pairs?: readonly IndexedPair[];
  readonly pairStatistics?: PairStatistics;
  /** One row per training step. */
  readonly metrics?: readonly MetricsRow[];
  readonly evaluation?: Evaluation;
  readonly verification?: Verification;
}

export interface IndexedPair extends Omit<PreferencePair, "prompt"> {
  readonly prompt: number;
}

/** A policy on held-out prompts. All arrays are over the split's prompts, in order. */
export interface Evaluation {
  readonly completions: readonly (readonly number[])[];
  /** Gold rewards of the greedy completions. */
  readonly greedyRewards: readonly number[];
  /** Gold rewards of one sample at temperature 1. */
  readonly sampledRewards: readonly number[];
  /** Gold rewards of the reference completions. */
  readonly referenceRewards: readonly number[];
  /** The best gold rewards that any completion reaches, where the task knows them. */
  readonly optima?: readonly number[];
  /** Nats per decided token at temperature 1. */
  readonly entropy: number;
  /** KL(π ‖ reference), nats per completion, at temperature 1; absent without a reference. */
  readonly kl?: number;
  /** The share of greedy completions that break the task's form. */
  readonly malformed: number;
  /** Mean tokens of a greedy completion, `eos` included. */
  readonly length: number;
  /** Mean gold reward and entropy at falling temperatures; on the evaluation prompts only. */
  readonly frontier?: readonly FrontierPoint[];
}

/** A policy sampled at one temperature: mean gold reward, and nats per decided token. */
export interface FrontierPoint {
  readonly temperature: number;
  readonly reward: number;
  readonly entropy: number;
}

/** A verifier's scores and the gold rewards of the same samples, [prompt][completion]. */
export interface Verification {
  readonly scores: readonly (readonly number[])[];
  readonly gold: readonly (readonly number[])[];
  /** 1 for each sample that breaks the task's form, 0 for the others. */
  readonly malformed?: readonly (readonly (0 | 1)[])[];
  /**
   * Whether the task's annotator prefers the first of each two consecutive samples, [prompt][pair]; absent where the
   * task has no annotator.
   */
  readonly labels?: readonly (readonly boolean[])[];
  /** The empirical entropy of what training changed in the verifier, bits in all, where that was rounded. */
  readonly deltaBits?: number;
}

/** Where and on what a stage was computed. */
export interface Provenance {
  readonly device: string;
  readonly tensorflow: string;
  readonly node: string;
  readonly seconds: number;
  readonly finished: string;
  /** The version of the code that computed it. */
  readonly code: string;
}

const MANIFEST = "stage.json";
const RESULT = "result.json";

/** What a stage's folder says of itself. */
export interface Manifest {
  readonly id: string;
  readonly stage: Stage;
  readonly provenance: Provenance;
  /** SHA-256 of every other file of the stage, by name. */
  readonly files: Record<string, string>;
}

/** Makes the store's folder. Throws one sentence where that cannot be. */
export function openStore(store: string): void {
  try {
    mkdirSync(store, { recursive: true });
  } catch (error) {
    throw describeFsError(store, error);
  }
}

/** What the file system refused, in one sentence that names the store; any other error as it is. */
export function describeFsError(store: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  const advice =
    code === "ENOSPC" ? "free some space on its disk" : "set ALLROADS_RUNS to a folder that can be";
  return new Error(`The run store ${store} cannot be written (${(error as Error).message}): ${advice}.`);
}

/** The folder of a stage that is still being computed: for checkpoints. */
export function workFolder(store: string, stage: Stage): string {
  return path.join(store, ".unfinished", stageId(stage));
}

/**
 * The stored result of a stage, or nothing where it is missing, damaged or of another stage; then it must be
 * computed again.
 */
export function readResult(
  store: string,
  stage: Stage,
): (StageResult & { provenance: Provenance }) | undefined {
  const id = stageId(stage);
  const folder = path.join(store, id);
  const manifest = soundFolder(folder, id);
  if (manifest === undefined) return undefined;
  const result = JSON.parse(readFileSync(path.join(folder, RESULT), "utf8")) as StageResult;
  const model = "config.json" in manifest.files ? loadPolicy(folder) : undefined;
  return { ...result, model, provenance: manifest.provenance };
}

/** What a stage's folder says of itself where it is that stage's and all its files are as they were written. */
export function soundFolder(folder: string, id: string): Manifest | undefined {
  const manifest = readManifest(folder);
  if (manifest?.id !== id) return undefined;
  const intact = Object.entries(manifest.files).every(([name, digest]) => {
    const file = path.join(folder, name);
    return existsSync(file) && sha256(readFileSync(file)) === digest;
  });
  return intact ? manifest : undefined;
}

/**
 * Stores a stage's result, unless another process has: written aside, then moved into place whole; its unfinished
 * work is removed.
 */
export function writeResult(store: string, stage: Stage, result: StageResult, provenance: Provenance): void {
  if (readResult(store, stage) !== undefined) return;
  const id = stageId(stage);
  const aside = path.join(store, `.${id}.${process.pid}.tmp`);
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true });
  const { model, ...rest } = result;
  if (model !== undefined) savePolicy(aside, model);
  writeFileSync(path.join(aside, RESULT), JSON.stringify(rest));
  const files = Object.fromEntries(
    readdirSync(aside).map((name) => [name, sha256(readFileSync(path.join(aside, name)))]),
  );
  const manifest: Manifest = { id, stage, provenance, files };
  writeFileSync(path.join(aside, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  moveIntoPlace(aside, path.join(store, id), id);
  rmSync(workFolder(store, stage), { recursive: true, force: true, maxRetries: 3 });
}

/**
 * Moves `aside` to `folder`. A sound folder that another process has stored meanwhile stays there throughout, for
 * others may be reading it: then `aside` is dropped. A damaged one is moved out of the way first.
 */
function moveIntoPlace(aside: string, folder: string, id: string): void {
  try {
    renameSync(aside, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    const damaged = `${aside}.damaged`;
    if (soundFolder(folder, id) === undefined) {
      renameSync(folder, damaged);
      renameSync(aside, folder);
    }
    for (const rest of [aside, damaged]) rmSync(rest, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What a stage's folder says of itself, or nothing where that cannot be read. */
export function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, MANIFEST), "utf8")) as Manifest;
  } catch {
    return undefined;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
