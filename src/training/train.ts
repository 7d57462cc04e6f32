import type { MemorySavings } from "../models/decoder.ts";
import { type Model, vectorsOf } from "../models/gpt-neox.ts";
import { tf } from "../tensors/backend.ts";
import { permutation, randomStream } from "../tensors/random.ts";
import { modelOf } from "./host-vectors.ts";
import { stepBatch } from "./micro-batches.ts";
import {
  type AdamWOptions,
  adamWDefaults,
  adamWScales,
  learningRateFactor,
  type Schedule,
  schedules,
} from "./optimizer.ts";
import { checkStepMemory } from "./step-memory.ts";
import { type MetricsRow, type Objective, openTrainer } from "./trainer.ts";
import type { TrainerSource } from "./trainer-cache.ts";
import { type CheckpointFile, openCheckpoint } from "./training-state.ts";

/** The settings that all training has. */
export interface TrainingOptions extends Partial<AdamWOptions> {
  /** Passes over the examples; may be fractional. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly schedule: Schedule;
  /** The fraction of all steps over which the learning rate rises from 0. */
  readonly warmupFraction: number;
  /** Seed of the order of the examples. */
  readonly seed: number;
  /**
   * How many examples are differentiated at a time; must divide `batchSize`, its default. The gradients of such parts are
   * added up, weighted by their terms in the loss, so that a step is the same but for rounding. Objectives that sample
   * draw other samples.
   */
  readonly microBatchSize?: number;
  /** How a step takes less memory; default by nothing. */
  readonly savings?: MemorySavings;
}

/** Runtime options that do not affect the result (`compiled` and `trainer` only by rounding). */
export interface TrainingHooks {
  /** Checkpoint file: training resumes from it if it exists and saves to it. The caller removes it at the end. */
  readonly checkpoint?: string | CheckpointFile;
  /** Steps between checkpoints, default 50; a minute after the last one there is one as well. */
  readonly checkpointEvery?: number;
  /** Once aborted, training saves a checkpoint and stops with an error. */
  readonly signal?: AbortSignal;
  readonly onStep?: (row: MetricsRow, steps: number) => void;
  /** Whether steps run as one TensorFlow graph; default true unless ALLROADS_EAGER is set. */
  readonly compiled?: boolean;
  /** Where the compiled step comes from; default a step of its own. */
  readonly trainer?: TrainerSource;
  /** Whether a compiled step is traced again at some steps to find values that it has frozen; default true. */
  readonly check?: boolean;
}

/**
 * Minimises `objective` over `examples`, from `model`'s weights, and returns the trained model with one row of metrics
 * per step. If it is stopped at any step and called again with the same arguments and checkpoint, the result has the
 * same bits. Throws if there are no examples, an option is out of range, the model is too large to train or the loss is not
 * finite.
 */
export async function train<E, B extends object, D extends object = object>(
  model: Model,
  examples: readonly E[],
  objective: Objective<E, B, D>,
  options: TrainingOptions,
  hooks: TrainingHooks = {},
): Promise<{ model: Model; metrics: MetricsRow[] }> {
  checkOptions(examples.length, options);
  checkStepMemory(model, objective.shape, options);
  const steps = Math.max(1, Math.floor((options.epochs * examples.length) / options.batchSize));
  const warmup = Math.round(options.warmupFraction * steps);
  const adamW = { ...adamWDefaults, ...options };
  const { checkpointEvery = 50, compiled = process.env.ALLROADS_EAGER === undefined } = hooks;
  const settings = { ...options, examples: examples.length };
  const checkpoint =
    hooks.checkpoint === undefined ? undefined : openCheckpoint(hooks.checkpoint, model, settings);
  const resumed = checkpoint?.load();
  const metrics = resumed?.metrics ?? [];
  const examplesAt = exampleOrder(examples, options);
  const opening = [model, objective, adamW, compiled, hooks.check ?? true, options.savings] as const;
  const trainer = hooks.trainer?.open(...opening) ?? openTrainer(...opening);
  const save = () => checkpoint?.save({ ...trainer.read(), metrics });
  try {
    trainer.write(resumed ?? { weights: vectorsOf(model) });
    for (let step = metrics.length; step < steps; step++) {
      if (hooks.signal?.aborted) {
        save();
        throw new Error(
          `Training was stopped after step ${step} of ${steps}: run it again to continue there.`,
        );
      }
      const learningRate = options.learningRate * learningRateFactor(options.schedule, step, steps, warmup);
      const updated = tf.tidy(() =>
        trainer.step({
          ...stepBatch(objective, examplesAt(step), step, options.microBatchSize),
          scales: tf.tensor1d(adamWScales(step + 1, learningRate, adamW)),
        }),
      );
      const epoch = ((step + 1) * options.batchSize) / examples.length;
      const row = { step: step + 1, epoch, learning_rate: learningRate, ...updated };
      if (!Number.isFinite(row.loss)) {
        throw new Error(
          `The loss at step ${step + 1} of ${steps} is ${row.loss}: lower the learning rate (${options.learningRate}).`,
        );
      }
      metrics.push(row);
      hooks.onStep?.(row, steps);
      if (checkpoint?.isDue(step + 1, checkpointEvery) && step + 1 < steps) save();
      await new Promise(setImmediate);
    }
    return { model: modelOf(model, trainer.readWeights()), metrics };
  } finally {
    if (hooks.trainer === undefined) trainer.dispose();
    else hooks.trainer.release(trainer);
  }
}

/** Shuffles the examples anew in every epoch; batches run across the ends of epochs. */
function exampleOrder<E>(examples: readonly E[], { batchSize, seed }: TrainingOptions) {
  const { length } = examples;
  let epoch = -1;
  let order: number[] = [];
  return (step: number): E[] =>
    Array.from({ length: batchSize }, (_, index) => {
      const position = step * batchSize + index;
      const current = Math.floor(position / length);
      if (current !== epoch) order = permutation(randomStream(seed, "train", "epoch", current), length);
      epoch = current;
      return examples[order[position % length]!]!;
    });
}

/** The error of an option with an invalid value. */
export function outOfRange(name: string, expected: string, value: unknown): Error {
  return new Error(
    `Training's ${name} must be ${expected}, but is ${typeof value === "string" ? `"${value}"` : value}: change it.`,
  );
}

/** Throws if there are no examples or an option is out of range. */
function checkOptions(examples: number, options: TrainingOptions): void {
  const { epochs, batchSize, learningRate, schedule, microBatchSize = batchSize, savings = {} } = options;
  if (examples < 1) throw new Error("There are no examples to train on: give at least one.");
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw outOfRange("batchSize", "a whole number above 0", batchSize);
  if (
    !Number.isInteger(batchSize / microBatchSize) ||
    !Number.isInteger(microBatchSize) ||
    microBatchSize < 1
  )
    throw outOfRange(
      "microBatchSize",
      `a whole number that divides the batchSize of ${batchSize}`,
      microBatchSize,
    );
  for (const name of ["vocabularyChunk", "updateChunk"] as const) {
    const { [name]: chunk = 1 } = savings;
    if (!Number.isInteger(chunk) || chunk < 1)
      throw outOfRange(`savings.${name}`, "a whole number above 0", chunk);
  }
  if (!(Number.isFinite(epochs) && epochs > 0)) throw outOfRange("epochs", "a number above 0", epochs);
  if (!(Number.isFinite(learningRate) && learningRate > 0))
    throw outOfRange("learningRate", "a number above 0", learningRate);
  if (!schedules.includes(schedule)) throw outOfRange("schedule", `one of ${schedules.join(", ")}`, schedule);
}
