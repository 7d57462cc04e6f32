import path from "node:path";
import { device } from "../tensors/backend.ts";
import { trainerCache } from "../training/trainer-cache.ts";
import { computeStage } from "./compute-stage.ts";
import { platform } from "./platform.ts";
import { openShards } from "./sample-shards.ts";
import type { Output, Stage } from "./stage.ts";
import { codeOf, hasUserCode, stageId } from "./stage-id.ts";
import type { StageHooks } from "./stage-inputs.ts";
import { stageThreads } from "./stage-threads.ts";
import { CHECKPOINT, describeFsError, type Provenance, type RunStore } from "./store.ts";

/** Compiled training steps, for all stages that this process computes. */
const trainers = trainerCache();

/**
 * Computes one stage whose inputs are in the store, and stores it, unless it is there already. A training stage that
 * was stopped resumes from its checkpoint, and one that samples after the samples that it has kept. Throws if TensorFlow has another number of threads in this process than
 * stages are computed with.
 */
export async function runStage(store: RunStore, stage: Stage, hooks: StageHooks = {}): Promise<void> {
  if (store.has(stage)) return;
  checkThreads();
  const started = performance.now();
  const checkpoint = path.join(store.workFolder(stage), CHECKPOINT);
  const training = () => ({
    checkpoint: {
      file: checkpoint,
      run: stageId(stage),
      onUnusable: (reason: string) => store.setAside(path.relative(store.folder, checkpoint), reason),
    },
    signal: hooks.signal,
    trainer: trainers,
    check: hasUserCode(stage),
    onStep: (row: { readonly step: number }, steps: number) => hooks.onProgress?.(row.step / steps),
  });
  const shards = (name: string) => openShards(store.workFolder(stage), stageId(stage), name);
  try {
    store.makeWay(stage);
    const read = <O extends Output>(parent: Stage<O>) => store.get(parent);
    const result = await computeStage(stage, read, training, { ...hooks, shards });
    store.write(stage, result, provenanceSince(stage, started));
  } catch (error) {
    // If another process stored the same stage meanwhile, it also removed this one's checkpoint.
    if (!store.has(stage)) throw describeFsError(store.folder, error);
  }
}

/** Throws if TensorFlow may use another number of threads in this process than the ids of stages say. */
function checkThreads(): void {
  const wanted = Object.entries(stageThreads).filter(([name, value]) => process.env[name] !== value);
  if (wanted.length === 0) return;
  throw new Error(
    "Stages are computed with one thread each, so that they have the same bytes everywhere: start this process with " +
      `${wanted.map(([name, value]) => `${name}=${value}`).join(" ")}, or compute in processPool(), which does.`,
  );
}

/** Where this process computes, and how long it took since `started`, in milliseconds of `performance.now`. */
function provenanceSince(stage: Stage, started: number): Provenance {
  const { name, tensorflow } = device();
  return {
    device: name,
    tensorflow,
    node: process.version,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    finished: new Date().toISOString(),
    code: codeOf(stage),
    platform: platform(),
  };
}
