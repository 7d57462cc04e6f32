import { type MemorySavings, type Network, network } from "../models/decoder.ts";
import { type Model, vectorsOf } from "../models/gpt-neox.ts";
import { vectorShapes } from "../models/named-weights.ts";
import { tf } from "../tensors/backend.ts";
import { compile, pullVariables } from "../tensors/compile.ts";
import { divided, type HostVectors } from "./host-vectors.ts";
import { accumulate, combineParts, type Differentiated, type StepBatch } from "./micro-batches.ts";
import { type AdamWOptions, adamWUpdates, type OptimizerState } from "./optimizer.ts";
import type { ExampleShape } from "./step-memory.ts";

/** A function to minimise over examples of type E, in batches of type B. */
export interface Objective<E, B extends object, D extends object = object> {
  /**
   * The examples of `step` (from 0), or those of one `part` of it (from 0), as tensors, of the same shapes at every step
   * and part.
   */
  batch(examples: readonly E[], step: number, part?: number): B;
  /** Computed from the current weights without a gradient, and added to the batch: samples, for example. */
  prepare?(net: Network, batch: B): D;
  /** A batch's loss and metrics, float32 scalars. Compiled: all that differs between steps must come from the batch. */
  loss(net: Network, batch: B & D): { loss: tf.Scalar; metrics?: Record<string, tf.Scalar> };
  /** The shape of each example, by which a step's memory is known before it starts. */
  readonly shape?: ExampleShape;
  /** How many terms the loss of these examples is the mean of; default their number. */
  terms?(examples: readonly E[]): number;
  /** How the metrics of a step's parts are combined; default by their mean, weighted by their terms, as the loss. */
  readonly combine?: Readonly<Record<string, "sum" | "min" | "max">>;
  /** Everything that `prepare` and `loss` depend on besides the batch, as data. */
  readonly identity: unknown;
  /** Whether they read tensors that are disposed when training ends. */
  readonly holdsTensors?: boolean;
}

/** One step's metrics, under TRL's names; always with `step`, `epoch`, `loss`, `learning_rate`, `grad_norm`. */
export type MetricsRow = Readonly<Record<string, number>> & { readonly step: number };

/** An optimizer state on the host. */
export type HostState = { readonly [part in keyof OptimizerState]: HostVectors };

/** One step's loss, gradient norm before clipping, and the objective's metrics. */
export type StepMetrics = { loss: number; grad_norm: number } & Record<string, number>;

/** A model and its optimizer state on the device. */
export interface Trainer<B extends object> {
  /** One update on a batch with `scales`, `adamWScales` of this step, float32 [3]. Disposes neither. */
  step(inputs: StepBatch<B> & { scales: tf.Tensor1D }): StepMetrics;
  read(): HostState;
  /** The weights alone. */
  readWeights(): HostVectors;
  /** Replaces the weights and the moments, which default to zeros. */
  write(state: Pick<HostState, "weights"> & Partial<HostState>): void;
  dispose(): void;
  /** The number of graphs compiled so far. */
  readonly graphs: number;
}

/** Uploads a model for training. If `compiled`, a step runs as one TensorFlow graph; `check` as in `compile`. */
export function openTrainer<B extends object, D extends object>(
  model: Model,
  objective: Pick<Objective<never, B, D>, "prepare" | "loss" | "combine">,
  adamW: AdamWOptions,
  compiled: boolean,
  check = true,
  savings?: MemorySavings,
): Trainer<B> {
  const { config, head } = model;
  const sizes = vectorShapes(config, head, savings?.updateChunk).map(({ size }) => size);
  const variablesOf = (given?: HostVectors) =>
    divided(given, sizes).map((values, index) =>
      tf.tidy(() => tf.variable(vector(values, sizes[index]!), false)),
    );
  const variables = {
    weights: variablesOf(vectorsOf(model)),
    expAvg: variablesOf(),
    expAvgSq: variablesOf(),
  };
  const states = variables.weights.map((weights, index) => ({
    weights,
    expAvg: variables.expAvg[index]!,
    expAvgSq: variables.expAvgSq[index]!,
  }));
  let names: string[] = [];
  const networkOf = (vectors: readonly tf.Tensor[]) => ({
    ...network(config, vectors as tf.Tensor1D[], head),
    ...(savings && { savings }),
  });
  /** The gradients of a batch's loss, and loss and metrics as one tensor: reading each by itself takes longer. */
  const differentiate = (batch: B): Differentiated => {
    let metrics: Record<string, tf.Scalar> = {};
    const prepared = objective.prepare?.(networkOf(variables.weights), batch);
    const { value, grads } = tf.valueAndGrads((...vectors) => {
      const result = objective.loss(networkOf(vectors), { ...batch, ...prepared } as B & D);
      metrics = result.metrics ?? {};
      for (const metric of Object.values(metrics)) tf.keep(metric);
      return result.loss;
    })(variables.weights);
    names = ["loss", ...Object.keys(metrics)];
    const row = tf.stack([value as tf.Scalar, ...Object.values(metrics)]);
    tf.dispose(metrics);
    return { gradients: grads as tf.Tensor1D[], rows: row.expandDims(0) };
  };
  const update = ({ scales, ...step }: StepBatch<B> & { scales: tf.Tensor1D }): tf.Tensor =>
    tf.tidy(() => {
      const { gradients, rows } =
        "batch" in step ? differentiate(step.batch) : accumulate(step.parts, step.shares, differentiate);
      const { states: next, gradNorm } = adamWUpdates(states, gradients, scales, adamW);
      for (const [index, state] of states.entries())
        for (const part of PARTS) state[part].assign(next[index]![part]);
      return tf.concat([rows.flatten(), gradNorm.reshape<tf.Tensor1D>([1])]);
    });
  const graph = compiled ? compile(update, { name: "The training step", check }) : undefined;
  const read = (part: (typeof PARTS)[number]): HostVectors => {
    pullVariables(variables[part]);
    const vectors = variables[part].map((vector) => (vector.dataSync() as Float32Array).slice());
    return vectors.length === 1 ? vectors[0]! : vectors;
  };
  return {
    step: (inputs) => {
      const result = (graph ?? update)(inputs);
      const values = result.dataSync();
      result.dispose();
      const shares = "batch" in inputs ? [1] : [...inputs.shares.dataSync()];
      const combined = names.map((name, column) => {
        const ofParts = shares.map((_, part) => values[part * names.length + column]!);
        return [name, combineParts(ofParts, shares, objective.combine?.[name])];
      });
      const [loss, ...metrics] = combined;
      return Object.fromEntries([loss!, ["grad_norm", values.at(-1)!], ...metrics]) as StepMetrics;
    },
    read: () => ({ weights: read("weights"), expAvg: read("expAvg"), expAvgSq: read("expAvgSq") }),
    readWeights: () => read("weights"),
    write: (from) => {
      for (const part of PARTS)
        for (const [index, values] of divided(from[part], sizes).entries())
          tf.tidy(() => variables[part][index]!.assign(vector(values, sizes[index]!)));
    },
    dispose: () => {
      graph?.dispose();
      tf.dispose(Object.values(variables).flat());
    },
    get graphs() {
      return graph?.size ?? 0;
    },
  };
}

const PARTS = ["weights", "expAvg", "expAvgSq"] as const;

const vector = (values: Float32Array | undefined, size: number): tf.Tensor1D =>
  values === undefined ? tf.zeros([size]) : tf.tensor1d(values);
