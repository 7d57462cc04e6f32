import { describeArguments, replaceTensors } from "../tensors/arguments.ts";
import { tf } from "../tensors/backend.ts";
import { whileLoop } from "../tensors/compile.ts";

/** A step's examples: one batch, or parts of equal shapes whose losses count with `shares`, float32 [parts]. */
export type StepBatch<B> =
  | { readonly batch: B }
  | { readonly parts: readonly B[]; readonly shares: tf.Tensor1D };

/** The examples of a step as one batch, or as parts of `size` examples each. */
export function stepBatch<E, B extends object>(
  objective: {
    batch(examples: readonly E[], step: number, part?: number): B;
    terms?(examples: readonly E[]): number;
  },
  examples: readonly E[],
  step: number,
  size = examples.length,
): StepBatch<B> {
  if (size === examples.length) return { batch: objective.batch(examples, step) };
  const parts = Array.from({ length: examples.length / size }, (_, part) =>
    examples.slice(part * size, (part + 1) * size),
  );
  const terms = parts.map((part) => objective.terms?.(part) ?? part.length);
  const all = terms.reduce((sum, one) => sum + one, 0);
  return {
    parts: parts.map((part, index) => objective.batch(part, step, index)),
    shares: tf.tensor1d(terms.map((one) => one / all)),
  };
}

/** The gradients of a batch, one for each vector of weights, and the loss and metrics of each part, [parts, 1 + metrics]. */
export interface Differentiated {
  readonly gradients: tf.Tensor1D[];
  readonly rows: tf.Tensor2D;
}

/** The gradients of a batch from those of its parts, computed one after another: the sum of shareᵢ · gradientᵢ. */
export function accumulate<B extends object>(
  parts: readonly B[],
  shares: tf.Tensor1D,
  differentiate: (part: B) => Differentiated,
): Differentiated {
  const columns = parts.map((part) => describeArguments([part]).inputs);
  const stacked = columns[0]!.map((_, leaf) => tf.stack(columns.map((column) => column[leaf]!)));
  const partAt = (index: tf.Scalar): B => {
    const leaves = stacked.values();
    return replaceTensors(parts[0], () => tf.gather(leaves.next().value!, index)) as B;
  };
  const first = differentiate(parts[0]!);
  const firstShare = tf.gather(shares, 0);
  const { gradients, rows } = whileLoop(
    ({ index }) => tf.less(index, tf.scalar(parts.length, "int32")),
    (sum) => {
      const own = differentiate(partAt(sum.index));
      const share = tf.gather(shares, sum.index);
      const place = tf.oneHot(sum.index.reshape<tf.Tensor1D>([1]), parts.length).toFloat();
      return {
        index: tf.add(sum.index, tf.scalar(1, "int32")) as tf.Scalar,
        gradients: sum.gradients.map(
          (gradient, vector): tf.Tensor1D => tf.add(gradient, tf.mul(own.gradients[vector]!, share)),
        ),
        rows: tf.add<tf.Tensor2D>(sum.rows, tf.mul(place.reshape([-1, 1]), own.rows)),
      };
    },
    {
      index: tf.scalar(1, "int32") as tf.Scalar,
      gradients: first.gradients.map((gradient): tf.Tensor1D => tf.mul(gradient, firstShare)),
      rows: tf.pad(first.rows, [
        [0, parts.length - 1],
        [0, 0],
      ]),
    },
  );
  return { gradients, rows };
}

/** A metric of a step from those of its parts. */
export function combineParts(
  values: readonly number[],
  shares: readonly number[],
  way?: "sum" | "min" | "max",
): number {
  if (values.length === 1) return values[0]!;
  if (way === "min") return Math.min(...values);
  if (way === "max") return Math.max(...values);
  return values.reduce((sum, value, part) => sum + value * (way === "sum" ? 1 : shares[part]!), 0);
}
