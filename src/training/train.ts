import { existsSync } from "node:fs";
import { type Network, network } from "../models/decoder.ts";
import type { Model } from "../models/gpt-neox.ts";
import { tf } from "../tensors/backend.ts";
import { compile, pullVariables } from "../tensors/compile.ts";
import { permutation, randomStream } from "../tensors/random.ts";
import {
  type AdamWOptions,
  adamWDefaults,
  adamWScales,
  adamWUpdate,
  type OptimizerState,
} from "./optimizer.ts";
import { learningRateFactor, type Schedule, schedules } from "./schedules.ts";
import { loadTrainingState, saveTrainingState, type TrainingState } from "./training-state.ts";

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

/** What is minimised. */
export interface Objective<B extends object> {
  /** The examples with these indices as tensors, all batches in the same shapes. */
  readonly batch: (examples: readonly number[]) => B;
  /**
   * A batch's loss, and whatever else is worth logging: float32 scalars. It is compiled, so that it must find
   * all that differs between steps in `batch`.
   */
  readonly loss: (net: Network, batch: B) => { loss: tf.Scalar; metrics?: Record<string, tf.Scalar> };
}

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
export async function train<B extends object>(
  model: Model,
  examples: number,
  objective: Objective<B>,
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
  const state = stateFrom(resumed ?? { weights: model.weights });
  const { step: update, dispose } = trainingStep(model, state, objective, settings, hooks);
  const save = () => {
    if (hooks.checkpoint === undefined) return;
    saveTrainingState(hooks.checkpoint, model, identity, { ...readState(state), metrics });
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
          batch: objective.batch(batchAt(step)),
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
    return { model: { ...model, weights: readState(state).weights }, metrics };
  } finally {
    dispose();
  }
}

function checkOptions(examples: number, options: TrainingOptions): void {
  const { epochs, batchSize, learningRate, schedule } = options;
  const wrong = (name: string, expected: string, value: unknown) =>
    new Error(
      `Training's ${name} must be ${expected}, but is ${typeof value === "string" ? `"${value}"` : value}: change it.`,
    );
  if (examples < 1) throw new Error("There are no examples to train on: give at least one.");
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw wrong("batchSize", "a whole number above 0", batchSize);
  if (!(Number.isFinite(epochs) && epochs > 0)) throw wrong("epochs", "a number above 0", epochs);
  if (!(Number.isFinite(learningRate) && learningRate > 0))
    throw wrong("learningRate", "a number above 0", learningRate);
  if (!schedules.includes(schedule)) throw wrong("schedule", `one of ${schedules.join(", ")}`, schedule);
}

/** A training state whose tensors are updated in place. */
type Variables = { readonly [part in keyof OptimizerState]: tf.Variable<tf.Rank.R1> };

/** One differentiated, clipped and applied step, which updates `state` and returns its metrics. */
function trainingStep<B extends object>(
  { config, head }: Model,
  state: Variables,
  objective: Objective<B>,
  settings: AdamWOptions,
  { compiled = process.env.ALLROADS_EAGER === undefined }: TrainingHooks,
) {
  const step = ({ batch, scales }: { batch: B; scales: tf.Tensor1D }): Record<string, tf.Scalar> =>
    tf.tidy(() => {
      let metrics: Record<string, tf.Scalar> = {};
      const { value, grad } = tf.valueAndGrad((flat) => {
        const { loss, metrics: logged = {} } = objective.loss(
          network(config, flat as tf.Tensor1D, head),
          batch,
        );
        metrics = logged;
        for (const metric of Object.values(metrics)) tf.keep(metric);
        return loss;
      })(state.weights);
      const { gradNorm, ...next } = adamWUpdate(state, grad as tf.Tensor1D, scales, settings);
      for (const part of PARTS) state[part].assign(next[part]);
      return { loss: value as tf.Scalar, grad_norm: gradNorm, ...metrics };
    });
  const graph = compiled ? compile(step, { name: "The training step" }) : undefined;
  return {
    step: (inputs: { batch: B; scales: tf.Tensor1D }) => readScalars((graph ?? step)(inputs)) as StepMetrics,
    dispose: () => {
      graph?.dispose();
      tf.dispose(Object.values(state));
    },
  };
}

type StepMetrics = { loss: number; grad_norm: number } & MetricsRow;

/** The numbers of these scalars, which are disposed. */
function readScalars(scalars: Record<string, tf.Scalar>): Record<string, number> {
  const numbers = Object.entries(scalars).map(([name, scalar]) => [name, scalar.dataSync()[0]!]);
  tf.dispose(scalars);
  return Object.fromEntries(numbers);
}

const PARTS = ["weights", "expAvg", "expAvgSq"] as const;

function stateFrom({ weights, ...rest }: Pick<TrainingState, "weights"> & Partial<TrainingState>): Variables {
  const variable = (values: Float32Array) =>
    tf.tidy(() => tf.variable(tf.tensor1d(values))) as tf.Variable<tf.Rank.R1>;
  return {
    weights: variable(weights),
    expAvg: variable(rest.expAvg ?? new Float32Array(weights.length)),
    expAvgSq: variable(rest.expAvgSq ?? new Float32Array(weights.length)),
  };
}

function readState(state: Variables): Omit<TrainingState, "metrics"> {
  pullVariables(Object.values(state));
  const read = (tensor: tf.Tensor) => (tensor.dataSync() as Float32Array).slice();
  return { weights: read(state.weights), expAvg: read(state.expAvg), expAvgSq: read(state.expAvgSq) };
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
