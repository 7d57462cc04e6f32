import type { Product } from "../../../src/models/flops.ts";
import { tf } from "../../../src/tensors/backend.ts";
import type { Runner } from "./training.ts";

/** Multiplies float32 matrices [m, k] and [k, n]. */
export function matmulRunner({ m, k, n }: Pick<Product, "m" | "k" | "n">): Runner {
  const left: tf.Tensor2D = tf.randomUniform([m, k]);
  const right: tf.Tensor2D = tf.randomUniform([k, n]);
  return {
    run: (steps) => {
      for (let step = 1; step < steps; step++) tf.matMul(left, right).dispose();
      // Reading one number of the last product waits for all of them.
      return tf.tidy(() => [tf.matMul(left, right).slice([0, 0], [1, 1]).dataSync()[0]!]);
    },
    dispose: () => tf.dispose([left, right]),
  };
}
