import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tf } from "../../src/tensors/backend.ts";
import { compile, fused, UntraceableError, whileLoop } from "../../src/tensors/compile.ts";
import { nodeBackend } from "../../src/tensors/native-binding.ts";
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

describe("operations in a loop's body", () => {
  const size = 2 ** 18;
  const nested = (x: tf.Tensor, rounds: tf.Tensor) =>
    whileLoop<[tf.Tensor, tf.Tensor, tf.Tensor]>(
      ([step]) => tf.less(step, rounds),
      ([step, value, other]) => {
        const shifted = tf.add(value, 0.5);
        const [sine, product] = fused(size, () => [tf.sin(tf.mul(shifted, x)), tf.mul(shifted, 0.5)]) as [
          tf.Tensor,
          tf.Tensor,
        ];
        const sum = fused(size, () => tf.square(tf.add(sine, step.toFloat())));
        return [tf.add(step, tf.scalar(1, "int32")), tf.sub(tf.sqrt(sum), product), tf.add(other, sine)];
      },
      [tf.scalar(0, "int32"), x, tf.zerosLike(x)],
    );
  const inner = compile(nested, { jit: true });
  const cases: Record<string, [typeof nested, islands: number]> = {
    "as clusters": [nested, 2],
    "within one cluster": [(...inputs) => fused(size, () => nested(...inputs)), 1],
    "within a function that XLA compiles": [(...inputs) => inner(...inputs), 1],
  };

  test.each(Object.entries(cases))("are compiled by XLA %s", (_, [fn, islands]) => {
    const backend = nodeBackend();
    const { binding } = backend;
    let graph = "";
    const loadSavedModel: typeof binding.loadSavedModel = (folder, tags) => {
      graph = readFileSync(`${folder}/saved_model.pb`, "latin1");
      return binding.loadSavedModel(folder, tags);
    };
    backend.binding = Object.create(binding, { loadSavedModel: { value: loadSavedModel } });
    const compiled = compile(fn);
    try {
      for (const rounds of [3, 0, 1]) {
        tf.tidy(() => {
          const inputs = [tf.tensor1d([0.3, -1, 2]), tf.scalar(rounds, "int32")] as const;
          const [, ...expected] = nested(...inputs);
          const [step, ...found] = compiled(...inputs);
          expect(step.dataSync()[0]).toBe(rounds);
          for (const [part, tensor] of expected.entries())
            for (const [index, value] of tensor.dataSync().entries())
              expect(found[part]!.dataSync()[index]).toBeCloseTo(value, 5);
        });
      }
      expect(graph.split("StatefulPartitionedCall")).toHaveLength(islands + 1);
    } finally {
      backend.binding = binding;
      compiled.dispose();
    }
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
