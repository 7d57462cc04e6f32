import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tf } from "../../src/tensors/backend.ts";
import { compile, UntraceableError, whileLoop } from "../../src/tensors/compile.ts";
import { firstValue } from "./first-value.ts";

/** A loop that reads its state, an input, a variable and constants, and contains another loop. */
const nested = (weight: tf.Variable) => (x: tf.Tensor, rounds: tf.Tensor) => {
  const half = tf.mul(x, 0.5);
  const start: Record<"step" | "value" | "inner", tf.Tensor> = {
    step: tf.scalar(0, "int32"),
    value: tf.zerosLike(x),
    inner: tf.scalar(0, "int32"),
  };
  return whileLoop(
    ({ step }) => tf.less(step, rounds),
    ({ step, value }) => {
      const [inner, sum] = whileLoop<[tf.Tensor, tf.Tensor]>(
        ([turn]) => tf.less(turn, step),
        ([turn, partial]) => [tf.add(turn, tf.scalar(1, "int32")), tf.add(partial, tf.mul(half, weight))],
        [tf.scalar(0, "int32"), value],
      );
      return { step: tf.add(step, tf.scalar(1, "int32")), value: tf.sin(sum), inner };
    },
    start,
  );
};

describe.each([false, true])("a loop in a compiled function (jit: %s)", (jit) => {
  test("equals the loop in JavaScript for any number of iterations, in one specialisation", () => {
    const weight = tf.variable(tf.scalar(0.7));
    const eager = nested(weight);
    const compiled = compile(eager, { jit });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), fc.integer({ min: -3, max: 3 }), (rounds, by) => {
        tf.tidy(() => {
          weight.assign(tf.scalar(by / 2));
          const inputs = [tf.tensor1d([0.3, -1, by]), tf.scalar(rounds, "int32")] as const;
          const [found, expected] = [compiled(...inputs), eager(...inputs)];
          expect(found.step.dataSync()[0]).toBe(rounds);
          expect(found.inner.dataSync()[0]).toBe(Math.max(0, rounds - 1));
          for (const [index, value] of expected.value.dataSync().entries()) {
            expect(found.value.dataSync()[index]).toBeCloseTo(value, 5);
          }
        });
      }),
      { numRuns: 20 },
    );
    expect(compiled.size).toBe(1);
    compiled.dispose();
    weight.dispose();
  });
});

describe("a loop in JavaScript", () => {
  test("frees the tensors of past iterations", () => {
    tf.tidy(() => {
      const start = tf.scalar(0);
      const before = tf.memory().numTensors;
      const end = whileLoop(
        (x) => tf.less(x, 100),
        (x) => tf.add(x, 1),
        start as tf.Tensor,
      );
      expect([end.dataSync()[0], tf.memory().numTensors - before]).toEqual([100, 1]);
    });
  });
});

describe("limits of a loop in a compiled function", () => {
  const total = () => tf.variable(tf.scalar(0), false);
  const cases: Record<string, [(x: tf.Tensor) => tf.Tensor, RegExp]> = {
    "change its state's shape": [
      (x) =>
        whileLoop(
          (y) => tf.less(tf.sum(y), 5),
          (y) => tf.concat([y, y]),
          x,
        ),
      /turns part 0 of its state, float32\[2\], into float32\[4\]: keep its shape/,
    ],
    "be differentiated": [
      (x) =>
        tf.grad((at) =>
          whileLoop(
            (y) => tf.less(tf.sum(y), 5),
            (y) => tf.mul(y, 2),
            at,
          ),
        )(x),
      /no gradient/,
    ],
    "read a value": [
      (x) =>
        whileLoop(
          (y) => tf.less(tf.sum(y), 5),
          (y) => tf.mul(y, firstValue(y)),
          x,
        ),
      /read the value of input 0/,
    ],
    "leak what is made inside": [
      (x) => {
        let leaked = x;
        whileLoop(
          (y) => tf.less(tf.sum(y), 5),
          (y) => {
            leaked = tf.mul(y, 2);
            return leaked;
          },
          x,
        );
        return tf.neg(leaked);
      },
      /made in a loop's condition or body: return it/,
    ],
  };

  test.each(Object.entries(cases))("it cannot %s, and throws", (_, [fn, message]) => {
    tf.tidy(() => {
      const before = tf.memory().numTensors;
      const x = tf.tensor1d([1, 2]);
      expect(() => compile(fn)(x)).toThrow(message);
      expect(() => compile(fn)(x)).toThrow(UntraceableError);
      expect(tf.memory().numTensors).toBe(before + 1);
    });
  });

  test("it cannot assign a variable, which keeps its value", () => {
    const sum = total();
    const fn = (x: tf.Tensor) =>
      whileLoop(
        (y) => tf.less(tf.sum(y), 5),
        (y) => {
          sum.assign(tf.add(sum, 1));
          return tf.mul(y, 2);
        },
        x,
      );
    tf.tidy(() => {
      expect(() => compile(fn)(tf.tensor1d([1, 2]))).toThrow(/assigns the variable .*: carry/);
    });
    expect(sum.dataSync()[0]).toBe(0);
    sum.dispose();
  });

  test("a frozen value that changes is found inside its body", () => {
    let rate = 2;
    const compiled = compile((x: tf.Tensor) =>
      whileLoop(
        (y) => tf.less(tf.sum(y), 5),
        (y) => tf.mul(y, rate),
        x,
      ),
    );
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2]);
      compiled(x);
      rate = 3;
      expect(() => compiled(x)).toThrow(/the number 2 that Mul reads at .* has become the number 3/);
    });
    compiled.dispose();
  });
});
