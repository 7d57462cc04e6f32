import { flatVariable, type Network, network } from "../models/decoder.ts";
import { type Model, oneVector } from "../models/gpt-neox.ts";
import { tf } from "../tensors/backend.ts";
import { compile, pullVariables } from "../tensors/compile.ts";
import { type AdamWOptions, adamWUpdate, type OptimizerState } from "./optimizer.ts";

/** A function to minimise over examples of type E, in batches of type B. */
export interface Objective<E, B extends object, D extends object = object> {
  /** The examples of `step` (from 0) as tensors, of the same shapes at every step. */
  batch(examples: readonly E[], step: number): B;
  /** Computed from the current weights without a gradient, and added to the batch: samples, for example. */
  prepare?(net: Network, batch: B): D;
  /** A batch's loss and metrics, float32 scalars. Compiled: all that differs between steps must come from the batch. */
  loss(net: Network, batch: B & D): { loss: tf.Scalar; metrics?: Record<string, tf.Scalar> };
  /** Everything that `prepare` and `loss` depend on besides the batch, as data. */
  readonly identity: unknown;
  /** Whether they read tensors that are disposed when training ends. */
  readonly holdsTensors?: boolean;
}

/** One step's metrics, under TRL's names; always with `step`, `epoch`, `loss`, `learning_rate`, `grad_norm`. */
export type MetricsRow = Readonly<Record<string, number>> & { readonly step: number };

/** An optimizer state on the host. */
export type HostState = { readonly [part in keyof OptimizerState]: Float32Array };

/** One step's loss, gradient norm before clipping, and the objective's metrics. */
export type StepMetrics = { loss: number; grad_norm: number } & Record<string, number>;

/** A model and its optimizer state on the device. */
export interface Trainer<B extends object> {
  /** One update on a batch with `scales`, `adamWScales` of this step, float32 [3]. Disposes neither. */
  step(inputs: { batch: B; scales: tf.Tensor1D }): StepMetrics;
  read(): HostState;
  /** Replaces the weights and the moments, which default to zeros. */
  write(state: Pick<HostState, "weights"> & Partial<HostState>): void;
  dispose(): void;
  /** The number of graphs compiled so far. */
  readonly graphs: number;
}

/** Uploads a model for training. If `compiled`, a step runs as one TensorFlow graph; `check` as in `compile`. */
export function openTrainer<B extends object, D extends object>(
  model: Model,
  objective: Pick<Objective<never, B, D>, "prepare" | "loss">,
  adamW: AdamWOptions,
  compiled: boolean,
  check = true,
): Trainer<B> {
  const { config, head } = model;
  const weights = oneVector(model);
  const zeros = new Float32Array(weights.length);
  const state = {
    weights: flatVariable(weights),
    expAvg: flatVariable(zeros),
    expAvgSq: flatVariable(zeros),
  };
  let names: string[] = [];
  /** The step's metrics as one vector: reading each by itself takes longer. */
  const update = ({ batch, scales }: { batch: B; scales: tf.Tensor1D }): tf.Tensor =>
    tf.tidy(() => {
      let metrics: Record<string, tf.Scalar> = {};
      const prepared = objective.prepare?.(network(config, state.weights, head), batch);
      const { value, grad } = tf.valueAndGrad((flat) => {
        const net = network(config, flat as tf.Tensor1D, head);
        const result = objective.loss(net, { ...batch, ...prepared } as B & D);
        metrics = result.metrics ?? {};
        for (const metric of Object.values(metrics)) tf.keep(metric);
        return result.loss;
      })(state.weights);
      const { gradNorm, ...next } = adamWUpdate(state, grad as tf.Tensor1D, scales, adamW);
      for (const part of PARTS) state[part].assign(next[part]);
      const all = { loss: value as tf.Scalar, grad_norm: gradNorm, ...metrics };
      names = Object.keys(all);
      const row = tf.stack(Object.values(all));
      tf.dispose(metrics);
      return row;
    });
  const graph = compiled ? compile(update, { name: "The training step", check }) : undefined;
  return {
    step: (inputs) => {
      const metrics = (graph ?? update)(inputs);
      const values = metrics.dataSync();
      metrics.dispose();
      return Object.fromEntries(names.map((name, index) => [name, values[index]!])) as StepMetrics;
    },
    read: () => {
      pullVariables(Object.values(state));
      const read = (part: tf.Tensor) => (part.dataSync() as Float32Array).slice();
      return { weights: read(state.weights), expAvg: read(state.expAvg), expAvgSq: read(state.expAvgSq) };
    },
    write: (from) => {
      for (const part of PARTS) tf.tidy(() => state[part].assign(tf.tensor1d(from[part] ?? zeros)));
    },
    dispose: () => {
      graph?.dispose();
      tf.dispose(Object.values(state));
    },
    get graphs() {
      return graph?.size ?? 0;
    },
  };
}

const PARTS = ["weights", "expAvg", "expAvgSq"] as const;
