import { expect, test } from "vitest";
import { tf } from "../../src/tensors/backend.ts";
import { compile, whileLoop } from "../../src/tensors/compile.ts";
import { room, writeRows } from "../../src/tensors/in-place.ts";

/** The squares of 0 … rounds - 1 and their negatives, in two buffers. */
const squares = (rounds: tf.Tensor) =>
  whileLoop(
    ({ step }) => tf.less(step, rounds),
    ({ step, up, down }) => {
      const value = tf.square(step.toFloat()).reshape([1, 1]);
      const row = step.reshape([1]);
      return {
        step: tf.add(step, tf.scalar(1, "int32")),
        up: writeRows(up, row, value),
        down: writeRows(down, row, tf.neg(value)),
      };
    },
    { step: tf.scalar(0, "int32"), up: room([5, 1]), down: room([5, 1]) } as Record<
      "step" | "up" | "down",
      tf.Tensor
    >,
  );

test("writeRows writes in place, to separate buffers that are zero at the start of each call", () => {
  const [compiled, jit] = [compile(squares), compile(squares, { jit: true })];
  for (const fn of [squares, compiled, jit]) {
    for (const rounds of [5, 2, 0, 3]) {
      tf.tidy(() => {
        const { up, down } = fn(tf.scalar(rounds, "int32"));
        const expected = [0, 1, 4, 9, 16].map((value, index) => (index < rounds ? value : 0));
        expect([...up.dataSync()]).toEqual(expected);
        expect([...down.dataSync()].map(Math.abs)).toEqual(expected);
      });
    }
  }
  for (const one of [compiled, jit]) one.dispose();
});
