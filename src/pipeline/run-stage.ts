import { mkdirSync } from "node:fs";
import path from "node:path";
import { pairStatistics } from "../evaluation/pair-statistics.ts";
import type { Model } from "../models/gpt-neox.ts";
import { initialModel } from "../models/initialization.ts";
import type { PreferencePair, Task } from "../tasks/task.ts";
import { device } from "../tensors/backend.ts";
import { randomStream } from "../tensors/random.ts";
import { onPolicyKl } from "../training/on-policy-kl.ts";
import { trainPreference } from "../training/preference.ts";
import { trainRewardModel } from "../training/reward-model.ts";
import { trainSft } from "../training/sft.ts";
import type { TrainingHooks } from "../training/train.ts";
import { evaluate, verify } from "./evaluate.ts";
import { offlinePairs, onlinePairs, relabelledPairs } from "./pairs-stages.ts";
import { codeVersion, type PreferenceSettings, type Stage } from "./stage.ts";
import {
  indexed,
  readModel,
  readPairs,
  type StageHooks,
  type StageInputs,
  taskAndData,
} from "./stage-inputs.ts";
import {
  describeFsError,
  type Provenance,
  readResult,
  type StageResult,
  workFolder,
  writeResult,
} from "./store.ts";

/**
 * Computes one stage whose parents are in the store, and stores it, unless it is there already. A training
 * stage that was stopped goes on from its checkpoint.
 */
export async function runStage(store: string, stage: Stage, hooks: StageHooks = {}): Promise<void> {
  if (readResult(store, stage) !== undefined) return;
  const started = performance.now();
  try {
    const result = await compute({ store, hooks, ...taskAndData(stage.setting) }, stage);
    writeResult(store, stage, result, provenanceSince(started));
  } catch (error) {
    // Another process that stored the same stage meanwhile took the unfinished work away.
    if (readResult(store, stage) === undefined) throw describeFsError(store, error);
  }
}

/** Where this process computes, and for how long since `started`, in milliseconds of `performance.now`. */
function provenanceSince(started: number): Provenance {
  const { name, tensorflow } = device();
  return {
    device: name,
    tensorflow,
    node: process.version,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    finished: new Date().toISOString(),
    code: codeVersion,
  };
}

/** Pairs as they are stored; measured unless people gave the preferences, whose prompts gold need not know. */
function pairsResult({ task, data }: StageInputs, pairs: readonly PreferencePair[]): StageResult {
  const measured = data.pairs === undefined && pairs.length > 0;
  return { pairs: indexed(data, pairs), pairStatistics: measured ? pairStatistics(task, pairs) : undefined };
}

/** `trainPreference` with the settings' on-policy KL, if any. */
async function preference(
  task: Task,
  start: Model,
  pairs: readonly PreferencePair[],
  { kl, ...options }: PreferenceSettings & { seed: number },
  hooks: TrainingHooks,
): Promise<StageResult> {
  const regularizer = kl && onPolicyKl(task, start, kl);
  try {
    return await trainPreference(task, start, pairs, { ...options, regularizer }, hooks);
  } finally {
    regularizer?.dispose();
  }
}

async function compute(materials: StageInputs, stage: Stage): Promise<StageResult> {
  const { store, task, data, hooks } = materials;
  const { seed } = stage.setting;
  const training = (): TrainingHooks => {
    const folder = workFolder(store, stage);
    mkdirSync(folder, { recursive: true });
    return {
      checkpoint: path.join(folder, "checkpoint.safetensors"),
      signal: hooks.signal,
      onStep: (row, steps) => hooks.onProgress?.(row.step! / steps),
    };
  };
  switch (stage.kind) {
    case "sft": {
      const fresh = initialModel(stage.model, randomStream(seed, "sft", "weights"));
      return trainSft(task, fresh, data.demonstrations, { ...stage.options, seed }, training());
    }
    case "offline-pairs":
      return pairsResult(materials, await offlinePairs(materials, stage));
    case "relabelled-pairs":
      return pairsResult(materials, relabelledPairs(materials, stage));
    case "online-pairs":
      return pairsResult(materials, await onlinePairs(materials, stage));
    case "reward":
    case "preference": {
      const start = readModel(store, stage.policy);
      const pairs = readPairs(materials, stage.pairs);
      return stage.kind === "reward"
        ? trainRewardModel(task, start, pairs, { ...stage.options, seed }, training())
        : preference(task, start, pairs, { ...stage.options, seed }, training());
    }
    case "evaluation":
      return { evaluation: await evaluate(materials, stage) };
    case "verification":
      return { verification: await verify(materials, stage) };
  }
}
