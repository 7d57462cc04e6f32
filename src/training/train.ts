import { existsSync } from "node:fs";
import { type Network, network } from "../models/decoder.ts";
import type { Model } from "../models/gpt-neox.ts";
import { tf } from "../tensors/backend.ts";
import { permutation, randomStream } from "../tensors/random.ts";
import { type AdamWOptions, adamW, adamWDefaults, type OptimizerState } from "./optimizer.ts";
import { learningRateFactor, type Schedule } from "./schedules.ts";
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

/** The loss of the examples with these indices, and whatever else is worth logging: float32 scalars. */
export type LossFunction = (
  net: Network,
  examples: readonly number[],
) => { loss: tf.Scalar; metrics?: Record<string, tf.Scalar> };

/** What surrounds training and does not change its result. */
export interface TrainingHooks {
  /** A file to continue from where it exists and to save to on the way; the caller removes it at the end. */
  readonly checkpoint?: string;
  /** Steps between saves; 50 unless told. */
  readonly checkpointEvery?: number;
  /** Saves a checkpoint and stops with an error once aborted. */
  readonly signal?: AbortSignal;
  readonly onStep?: (row: MetricsRow, steps: number) => void;
}

/**
 * Minimises `lossOf` over `examples` examples, from `model`'s weights, and returns the trained model with
 * one row of metrics per step. Stopped at any step and called again with the same arguments and checkpoint,
 * it ends with the same bytes. Throws where the loss is no longer a number.
 */
export async function train(
  model: Model,
  examples: number,
  lossOf: LossFunction,
  options: TrainingOptions,
  hooks: TrainingHooks = {},
): Promise<{ model: Model; metrics: MetricsRow[] }> {
  const steps = Math.max(1, Math.floor((options.epochs * examples) / options.batchSize));
  const identity = { ...options, examples };
  const resumed =
    hooks.checkpoint !== undefined && existsSync(hooks.checkpoint)
      ? loadTrainingState(hooks.checkpoint, model, identity)
      : undefined;
  const batchAt = exampleOrder(examples, options);
  const metrics = resumed?.metrics ?? [];
  let state = stateFrom(resumed ?? { weights: model.weights });
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
      const updated = trainingStep(model, state, lossOf, batchAt(step), step + 1, learningRate, options);
      tf.dispose(Object.values(state));
      state = updated.state;
      const row = {
        step: step + 1,
        epoch: ((step + 1) * options.batchSize) / examples,
        learning_rate: learningRate,
        ...updated.metrics,
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
    tf.dispose(Object.values(state));
  }
}

/** One differentiated, clipped and applied step. Disposes nothing that it was given. */
function trainingStep(
  { config, head }: Model,
  state: OptimizerState,
  lossOf: LossFunction,
  examples: readonly number[],
  step: number,
  learningRate: number,
  options: TrainingOptions,
): { state: OptimizerState; metrics: { loss: number; grad_norm: number } & MetricsRow } {
  let names: string[] = [];
  let logged: tf.Tensor1D | undefined;
  const [weights, expAvg, expAvgSq, numbers] = tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((flat) => {
      const { loss, metrics = {} } = lossOf(network(config, flat as tf.Tensor1D, head), examples);
      names = Object.keys(metrics);
      if (names.length > 0) logged = tf.keep(tf.stack(Object.values(metrics)) as tf.Tensor1D);
      return loss;
    })(state.weights);
    const next = adamW(state, grad as tf.Tensor1D, step, learningRate, { ...adamWDefaults, ...options });
    const own = tf.stack([value as tf.Scalar, next.gradNorm]) as tf.Tensor1D;
    return [next.weights, next.expAvg, next.expAvgSq, logged === undefined ? own : tf.concat([own, logged])];
  }) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
  const values = numbers.dataSync();
  tf.dispose([numbers, ...(logged === undefined ? [] : [logged])]);
  const metrics = Object.fromEntries(
    ["loss", "grad_norm", ...names].map((name, index) => [name, values[index]!]),
  ) as { loss: number; grad_norm: number };
  return { state: { weights, expAvg, expAvgSq }, metrics };
}

function stateFrom({
  weights,
  expAvg,
  expAvgSq,
}: Pick<TrainingState, "weights"> & Partial<TrainingState>): OptimizerState {
  return {
    weights: tf.tensor1d(weights),
    expAvg: expAvg === undefined ? tf.zeros([weights.length]) : tf.tensor1d(expAvg),
    expAvgSq: expAvgSq === undefined ? tf.zeros([weights.length]) : tf.tensor1d(expAvgSq),
  };
}

function readState(state: OptimizerState): Omit<TrainingState, "metrics"> {
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
