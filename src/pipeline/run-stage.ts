import path from "node:path";
import { isUserCode, loadUserCode } from "../files/user-code.ts";
import type { Model } from "../models/gpt-neox.ts";
import { quantisedDelta } from "../models/quantised-delta.ts";
import type { Scorer, Task } from "../tasks/task.ts";
import { device } from "../tensors/backend.ts";
import { kindOf } from "./kinds.ts";
import { builtInScorers, isModelStage, type ScorerSpec } from "./scorers.ts";
import { codeVersion, type Stage, stageId, type Trained } from "./stage.ts";
import { type StageHooks, type StageInputs, taskAndData } from "./stage-inputs.ts";
import { CHECKPOINT, describeFsError, type Provenance, type RunStore } from "./store.ts";

/**
 * Computes one stage whose parents are in the store, and stores it, unless it is there already. A training stage that
 * was stopped resumes from its checkpoint.
 */
export async function runStage(store: RunStore, stage: Stage, hooks: StageHooks = {}): Promise<void> {
  if (store.has(stage)) return;
  const started = performance.now();
  try {
    store.makeWay(stage);
    const result = await kindOf(stage).run(stage, stageInputs(store, stage, hooks));
    store.write(stage, result, provenanceSince(started));
  } catch (error) {
    // If another process stored the same stage meanwhile, it also removed this one's checkpoint.
    if (!store.has(stage)) throw describeFsError(store.folder, error);
  }
}

function stageInputs(store: RunStore, stage: Stage, hooks: StageHooks): StageInputs {
  const { task, data } = taskAndData(stage.setting);
  return {
    task,
    data,
    hooks,
    read: (parent) => store.get(parent),
    scorer: (spec, sampler, bits) => openScorer(store, task, spec, sampler, bits),
    training() {
      const file = path.join(store.workFolder(stage), CHECKPOINT);
      return {
        checkpoint: {
          file,
          run: stageId(stage),
          onUnusable: (reason) => store.setAside(path.relative(store.folder, file), reason),
        },
        signal: hooks.signal,
        onStep: (row, steps) => hooks.onProgress?.(row.step / steps),
      };
    },
  };
}

/**
 * Opens a scorer for a task. `sampler` is the policy whose samples are scored. With `bits`, what training changed in
 * the scorer's model is rounded to this many bits per number. Throws if a stage's kind makes no scorer.
 */
function openScorer(store: RunStore, task: Task, spec: ScorerSpec, sampler: Model, bits?: number): Scorer {
  if (isUserCode(spec)) return loadUserCode(spec)(task, sampler);
  if (!isModelStage(spec)) return builtInScorers[spec](task, sampler);
  const { scorer } = kindOf(spec);
  if (scorer === undefined) throw new Error(`A stage of kind ${spec.kind} makes no scorer.`);
  const trained = store.get<Trained>(spec).model;
  const model = bits === undefined ? trained : quantisedDelta(trained, store.get(spec.policy).model, bits);
  return scorer(spec, task, model, (parent) => store.get(parent));
}

/** Where this process computes, and how long it took since `started`, in milliseconds of `performance.now`. */
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
