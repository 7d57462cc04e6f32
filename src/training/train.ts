import { existsSync } from "node:fs";
import type { Model } from "../models/gpt-neox.ts";
import { tf } from "../tensors/backend.ts";
import { permutation, randomStream } from "../tensors/random.ts";
import { type AdamWOptions, adamWDefaults, adamWScales } from "./optimizer.ts";
import { checkOptions } from "./options.ts";
import { learningRateFactor, type Schedule } from "./schedules.ts";
import { type Objective, trainer } from "./step.ts";
import { loadTrainingState, saveTrainingState } from "./training-state.ts";

/** How long, how fast and in which order to train. */
export interface TrainingOptions extends Partial<AdamWOptions> {
  /** Passes over the examples; a fraction ends within one. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly schedule: Schedule;
  /** The part of all steps over which the learning rate rises from 0. */
  readonly warmupFraction: number;
  /** Decides the order of the examples. */
  readonly seed: number;
}

/** One step's numbers, under TRL's names; always with `step`, `epoch`, `loss`, `learning_rate`, `grad_norm`. */
export type MetricsRow = Record<string, number>;

/** What surrounds training and does not change its result (`compiled` but for rounding). */
export interface TrainingHooks {
  /** A file to continue from where it exists and to save to on the way; the caller removes it at the end. */
  readonly checkpoint?: string;
  /** Steps between saves; 50 unless told. */
  readonly checkpointEvery?: number;
  /** Saves a checkpoint and stops with an error once aborted. */
  readonly signal?: AbortSignal;
  readonly onStep?: (row: MetricsRow, steps: number) => void;
  /** Whether steps run as one TensorFlow graph; on unless told or ALLROADS_EAGER is set. */
  readonly compiled?: boolean;
}

/**
 * Minimises `objective` over `examples` examples, from `model`'s weights, and returns the trained model with
 * one row of metrics per step. Stopped at any step and called again with the same arguments and checkpoint,
 * it ends with the same bytes. Throws one sentence where there are no examples or an option is out of its range, and
 * where the loss is no longer a number.
 */
export async function train<B extends object, R extends object = object>(
  model: Model,
  examples: number,
  objective: Objective<B, R>,
  options: TrainingOptions,
  hooks: TrainingHooks = {},
): Promise<{ model: Model; metrics: MetricsRow[] }> {
  checkOptions(examples, options);
  const steps = Math.max(1, Math.floor((options.epochs * examples) / options.batchSize));
  const identity = { ...options, examples };
  const resumed =
    hooks.checkpoint !== undefined && existsSync(hooks.checkpoint)
      ? loadTrainingState(hooks.checkpoint, model, identity)
      : undefined;
  const batchAt = exampleOrder(examples, options);
  const metrics = resumed?.metrics ?? [];
  const settings = { ...adamWDefaults, ...options };
  const { compiled = process.env.ALLROADS_EAGER === undefined } = hooks;
  const { step: update, read, dispose } = trainer(model, objective, settings, compiled, resumed);
  const save = () => {
    if (hooks.checkpoint === undefined) return;
    saveTrainingState(hooks.checkpoint, model, identity, { ...read(), metrics });
  };
  try {
    for (let step = metrics.length; step < steps; step++) {
      if (hooks.signal?.aborted) {
        save();
        throw new Error(
          `Training was stopped after step ${step} of ${steps}: run it again to continue there.`,
        );
      }
      const learningRate =
        options.learningRate *
        learningRateFactor(options.schedule, step, steps, Math.round(options.warmupFraction * steps));
      const updated = tf.tidy(() =>
        update({
          batch: objective.batch(batchAt(step), step),
          scales: tf.tensor1d(adamWScales(step + 1, learningRate, settings)),
        }),
      );
      const row = {
        step: step + 1,
        epoch: ((step + 1) * options.batchSize) / examples,
        learning_rate: learningRate,
        ...updated,
      };
      if (!Number.isFinite(row.loss)) {
        throw new Error(
          `The loss at step ${step + 1} of ${steps} is ${row.loss}: lower the learning rate (${options.learningRate}).`,
        );
      }
      metrics.push(row);
      hooks.onStep?.(row, steps);
      if ((step + 1) % (hooks.checkpointEvery ?? 50) === 0 && step + 1 < steps) save();
      await new Promise(setImmediate);
    }
    return { model: { ...model, weights: read().weights }, metrics };
  } finally {
    dispose();
  }
}

/** The examples of one step: every epoch has a random order of its own, and batches run across epoch ends. */
function exampleOrder(examples: number, { batchSize, seed }: TrainingOptions) {
  let epoch = -1;
  let order: number[] = [];
  return (step: number): number[] =>
    Array.from({ length: batchSize }, (_, index) => {
      const position = step * batchSize + index;
      const wanted = Math.floor(position / examples);
      if (wanted !== epoch) order = permutation(randomStream(seed, "train", "epoch", wanted), examples);
      epoch = wanted;
      return order[position % examples]!;
    });
}
