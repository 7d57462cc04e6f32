import { tf } from "../tensors/backend.ts";
import { type Compiled, compile } from "../tensors/compile.ts";
import { flatVariable, type Network, network } from "./decoder.ts";
import type { Model } from "./gpt-neox.ts";

/** A function compiled for models of one shape, with the weights that it holds. */
interface Held<A, R> {
  readonly variable: tf.Variable<tf.Rank.R1>;
  readonly run: Compiled<[A], R>;
  weights: Float32Array;
}

/** For how many shapes of models a function is kept compiled. */
const KEPT = 4;

/**
 * Makes `compute` a function of a model, compiled once for all models of one shape: weights move only where they
 * are others than at the last call, and must not change in place. Runs operation by operation where `compiled` is
 * false or ALLROADS_EAGER is set. The caller disposes what is returned.
 */
export function onNetwork<A, R extends tf.TensorContainer>(
  name: string,
  compute: (net: Network, inputs: A) => R,
): (model: Model, inputs: A, compiled?: boolean) => R {
  const held = new Map<string, Held<A, R>>();
  const on = ({ config, head }: Model, flat: tf.Tensor1D, inputs: A) =>
    tf.tidy(() => compute(network(config, flat, head), inputs));

  const hold = (model: Model): Held<A, R> => {
    const variable = flatVariable(model.weights);
    const run = compile((inputs: A) => on(model, variable, inputs), { name, check: false });
    return { variable, run, weights: model.weights };
  };
  const holding = (model: Model): Held<A, R> => {
    const key = JSON.stringify([model.config, model.head]);
    const found = held.get(key) ?? hold(model);
    held.delete(key);
    held.set(key, found);
    for (const [oldest, { run, variable }] of [...held].slice(0, -KEPT)) {
      held.delete(oldest);
      run.dispose();
      variable.dispose();
    }
    if (found.weights !== model.weights) tf.tidy(() => found.variable.assign(tf.tensor1d(model.weights)));
    found.weights = model.weights;
    return found;
  };
  return (model, inputs, compiled = process.env.ALLROADS_EAGER === undefined) =>
    compiled ? holding(model).run(inputs) : tf.tidy(() => on(model, tf.tensor1d(model.weights), inputs));
}
