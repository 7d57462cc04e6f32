import { flatVariable, type Network, network } from "../models/decoder.ts";
import type { Model } from "../models/gpt-neox.ts";
import { tf } from "../tensors/backend.ts";
import { compile, pullVariables } from "../tensors/compile.ts";
import { type AdamWOptions, adamWUpdate, type OptimizerState } from "./optimizer.ts";

/** What is minimised. */
export interface Objective<B extends object, R extends object = object> {
  /** The examples with these indices, and whatever else differs at `step` (from 0), as tensors, always in the same shapes. */
  readonly batch: (examples: readonly number[], step: number) => B;
  /**
   * What the model as it is makes of a batch before the loss reads it, such as samples: part of the compiled step,
   * and constant to the gradient.
   */
  readonly rollout?: (net: Network, batch: B) => R;
  /**
   * A batch's loss, and whatever else is worth logging: float32 scalars. It is compiled, so that it must find
   * all that differs between steps in `batch`.
   */
  readonly loss: (net: Network, batch: B & R) => { loss: tf.Scalar; metrics?: Record<string, tf.Scalar> };
}

/** The numbers of an optimiser's state on the host, each [n] over all parameters. */
export type HostState = { readonly [part in keyof OptimizerState]: Float32Array };

/** One step's loss, gradient norm before clipping, and whatever else the objective logs. */
export type StepMetrics = { loss: number; grad_norm: number } & Record<string, number>;

/** A model being trained. */
export interface Trainer<B extends object> {
  /** Makes one update on a batch, with `adamWScales` of this step, float32 [3]; disposes neither. */
  step(inputs: { batch: B; scales: tf.Tensor1D }): StepMetrics;
  /** The weights and the optimiser's moments as they are now. */
  read(): HostState;
  dispose(): void;
}

/**
 * Puts a model and its optimiser's state (zeros unless given) on the device, to be trained step by step: each
 * step is differentiated, clipped and applied, as one TensorFlow graph where `compiled`.
 */
export function trainer<B extends object, R extends object>(
  { config, head, weights }: Model,
  objective: Pick<Objective<B, R>, "rollout" | "loss">,
  settings: AdamWOptions,
  compiled: boolean,
  from: Partial<HostState> = {},
): Trainer<B> {
  const zeros = () => new Float32Array(weights.length);
  const state = {
    weights: flatVariable(from.weights ?? weights),
    expAvg: flatVariable(from.expAvg ?? zeros()),
    expAvgSq: flatVariable(from.expAvgSq ?? zeros()),
  };
  const update = ({ batch, scales }: { batch: B; scales: tf.Tensor1D }): Record<string, tf.Scalar> =>
    tf.tidy(() => {
      let metrics: Record<string, tf.Scalar> = {};
      const made = objective.rollout?.(network(config, state.weights, head), batch);
      const { value, grad } = tf.valueAndGrad((flat) => {
        const { loss, metrics: logged = {} } = objective.loss(network(config, flat as tf.Tensor1D, head), {
          ...batch,
          ...made,
        } as B & R);
        metrics = logged;
        for (const metric of Object.values(metrics)) tf.keep(metric);
        return loss;
      })(state.weights);
      const { gradNorm, ...next } = adamWUpdate(state, grad as tf.Tensor1D, scales, settings);
      for (const part of PARTS) state[part].assign(next[part]);
      return { loss: value as tf.Scalar, grad_norm: gradNorm, ...metrics };
    });
  const graph = compiled ? compile(update, { name: "The training step" }) : undefined;
  return {
    step: (inputs) => readScalars((graph ?? update)(inputs)) as StepMetrics,
    read: () => {
      pullVariables(Object.values(state));
      const read = (tensor: tf.Tensor) => (tensor.dataSync() as Float32Array).slice();
      return { weights: read(state.weights), expAvg: read(state.expAvg), expAvgSq: read(state.expAvgSq) };
    },
    dispose: () => {
      graph?.dispose();
      tf.dispose(Object.values(state));
    },
  };
}

const PARTS = ["weights", "expAvg", "expAvgSq"] as const;

/** The numbers of these scalars, which are disposed. */
function readScalars(scalars: Record<string, tf.Scalar>): Record<string, number> {
  const numbers = Object.entries(scalars).map(([name, scalar]) => [name, scalar.dataSync()[0]!]);
  tf.dispose(scalars);
  return Object.fromEntries(numbers);
}
