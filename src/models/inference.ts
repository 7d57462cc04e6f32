import { tf } from "../tensors/backend.ts";
import { type Compiled, compile } from "../tensors/compile.ts";
import { type Network, network } from "./decoder.ts";
import type { Model } from "./gpt-neox.ts";

interface Holder<A, R> {
  readonly weights: tf.Variable<tf.Rank.R1>;
  readonly run: Compiled<[A], R>;
  holds: Float32Array | undefined;
}

/** How many models' shapes one function is kept compiled for. */
const KEPT = 4;

/**
 * Makes `compute` a function of a model, compiled once for all models of one shape: only weights that differ from
 * the last call's move. Runs operation by operation where `compiled` is false or ALLROADS_EAGER is set. Weights
 * must not change in place. The caller disposes what is returned.
 */
export function onNetwork<A, R extends tf.TensorContainer>(
  name: string,
  compute: (net: Network, inputs: A) => R,
): (model: Model, inputs: A, compiled?: boolean) => R {
  const holders = new Map<string, Holder<A, R>>();
  const holderFor = ({ config, head, weights }: Model): Holder<A, R> => {
    const key = JSON.stringify([config, head]);
    const known = holders.get(key);
    holders.delete(key);
    const holder = known ?? hold(tf.tidy(() => tf.variable(tf.tensor1d(weights), false)));
    holders.set(key, holder);
    for (const [oldest, { run, weights: old }] of [...holders].slice(0, -KEPT)) {
      holders.delete(oldest);
      run.dispose();
      old.dispose();
    }
    return holder;

    function hold(variable: tf.Variable): Holder<A, R> {
      const flat = variable as tf.Variable<tf.Rank.R1>;
      const run = compile((inputs: A) => tf.tidy(() => compute(network(config, flat, head), inputs)), {
        name,
        check: false,
      });
      return { weights: flat, run, holds: weights };
    }
  };
  return (model, inputs, compiled = process.env.ALLROADS_EAGER === undefined) => {
    if (!compiled) {
      return tf.tidy(() => compute(network(model.config, tf.tensor1d(model.weights), model.head), inputs));
    }
    const holder = holderFor(model);
    if (holder.holds !== model.weights) {
      tf.tidy(() => holder.weights.assign(tf.tensor1d(model.weights)));
      holder.holds = model.weights;
    }
    return holder.run(inputs);
  };
}
