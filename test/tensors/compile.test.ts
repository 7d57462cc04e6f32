import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { gelu, normalise, targetLogps } from "../../src/models/layers.ts";
import { tf } from "../../src/tensors/backend.ts";
import { compile, pullVariables } from "../../src/tensors/compile.ts";
import { normal, randomStream } from "../../src/tensors/random.ts";
import { expectClose } from "../parity.ts";
import { firstValue } from "./first-value.ts";

const stream = randomStream(3, "compile");
const drawn = (...shape: number[]) =>
  tf.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => normal(stream)),
    shape,
  );
const gradientOf = (f: (x: tf.Tensor) => tf.Tensor) => (x: tf.Tensor) => {
  const { value, grad } = tf.valueAndGrad((at) => tf.sum(tf.mul(f(at), tf.sin(f(at)))) as tf.Scalar)(x);
  return { value, grad };
};

const gradientsOfProduct = (a: tf.Tensor, b: tf.Tensor) => [
  tf.grad((x) => tf.sum(tf.square(tf.matMul(x, b, false, true))))(a),
  tf.grad((y) => tf.sum(tf.square(tf.matMul(a, y, false, true))))(b),
];

/** Functions and gradients of a transformer, with the shapes of their inputs. */
const functions: Record<string, [(...inputs: tf.Tensor[]) => tf.TensorContainer, number[][]]> = {
  "a product of matrices": [
    (a: tf.Tensor, b: tf.Tensor) => gradientsOfProduct(a, b),
    [
      [2, 3, 5],
      [2, 4, 5],
    ],
  ],
  softmax: [(x: tf.Tensor) => gradientOf((at) => tf.softmax(at))(x), [[4, 7]]],
  "log softmax at targets": [
    (x: tf.Tensor) =>
      gradientOf((at) => targetLogps(at as tf.Tensor2D, tf.tensor1d([1, 0, 6, 3], "int32")))(x),
    [[4, 7]],
  ],
  gather: [
    (table: tf.Tensor, at: tf.Tensor) =>
      gradientOf((x) => tf.gather(x, tf.minimum(tf.floor(tf.abs(at)), 4).toInt()))(table),
    [[5, 3], [6]],
  ],
  masking: [
    (x: tf.Tensor, mask: tf.Tensor) =>
      gradientOf((at) => {
        const hidden = tf.softmax(tf.add(at, tf.mul(tf.greater(mask, 0.5).toFloat(), -1e9)));
        return tf.where(tf.greater(mask, 0), hidden, at);
      })(x),
    [
      [3, 5],
      [3, 5],
    ],
  ],
  "the decoder's layer norm": [
    (x: tf.Tensor) => gradientOf((at) => normalise(at as tf.Tensor2D, 1e-5))(x),
    [[6, 8]],
  ],
  "the decoder's GELU": [(x: tf.Tensor) => gradientOf((at) => gelu(at as tf.Tensor2D))(x), [[6, 8]]],
  "an XLA cluster twice, with its gradient": [
    (x: tf.Tensor) => gradientOf((at) => gelu(gelu(at as tf.Tensor2D)))(x),
    [[512, 512]],
  ],
  "XLA clusters on the results of other operations": [
    (x: tf.Tensor) =>
      gradientOf((at) => targetLogps(tf.mul(at, 2) as tf.Tensor2D, tf.tensor1d([3, 0], "int32")))(x),
    [[2, 2 ** 17]],
  ],
  "splits, sums and transposes": [
    (x: tf.Tensor) =>
      gradientOf((at) => {
        const [left, right] = tf.split(at, [2, 3], 1) as [tf.Tensor, tf.Tensor];
        const joined = tf.concat([tf.mean(right, 1, true), left.reverse(0), tf.cumsum(right, 1)], 1);
        return tf.addN([joined, tf.transpose(tf.tile(joined, [1, 1])).transpose()]).expandDims(0);
      })(x),
    [[3, 5]],
  ],
  "results that do not depend on the input": [
    (x: tf.Tensor) => [x, tf.ones([2, 3]), tf.range(0, 4), tf.zerosLike(x)],
    [[2]],
  ],
};

describe.each([false, true])("a compiled function (jit: %s)", (jit) => {
  test.each(Object.entries(functions))("equals the eager function for %s", (_, [fn, shapes]) => {
    const compiled = compile(fn, { jit });
    const values = (result: tf.TensorContainer) =>
      tf.tidy(() => {
        const flat: number[][] = [];
        const walk = (part: tf.TensorContainer) => {
          if (part instanceof tf.Tensor) flat.push([...part.shape, ...part.dataSync()]);
          else for (const inner of Object.values(part as object)) walk(inner);
        };
        walk(result);
        return flat;
      });
    for (let call = 0; call < 4; call++) {
      tf.tidy(() => {
        const inputs = shapes.map((shape) => drawn(...shape));
        const expected = values(fn(...inputs));
        const found = values(compiled(...inputs));
        expect(found).toHaveLength(expected.length);
        for (const [index, list] of expected.entries())
          expectClose(`part ${index}`, found[index]!, list, 1e-5);
      });
    }
    expect(compiled.size).toBe(1);
    compiled.dispose();
  });
});

describe("specialisation", () => {
  test("is per shape and dtype with a bounded cache, and equals eager for any sizes", () => {
    let traces = 0;
    const fn = (x: tf.Tensor2D) => {
      traces++;
      return tf.softmax(tf.matMul(x, x, false, true));
    };
    const compiled = compile(fn, { cacheSize: 3, check: false });
    const size = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(size, size, (rows, columns) => {
        tf.tidy(() => {
          const x = drawn(rows, columns) as tf.Tensor2D;
          expectClose("result", compiled(x).dataSync(), fn(x).dataSync(), 1e-5);
        });
        expect(compiled.size).toBeLessThanOrEqual(3);
      }),
      { numRuns: 40 },
    );
    compiled.dispose();
    traces = 0;
    tf.tidy(() => {
      for (let call = 0; call < 3; call++) compiled(tf.ones([2, 2]));
      expect(traces).toBe(1);
      compiled(tf.ones([2, 3]));
      expect(traces).toBe(2);
    });
    compiled.dispose();
    expect(compiled.size).toBe(0);
  });

  test("feeds nested tensors, and specialises on numbers and strings", () => {
    const compiled = compile(
      ({ x, by }: { x: tf.Tensor; by: number | string }, [first, second]: [tf.Tensor, tf.Tensor]) => [
        tf.mul(x, Number(by)),
        { difference: tf.sub(first, second), nothing: undefined },
      ],
    );
    tf.tidy(() => {
      const [a, b] = [tf.scalar(5), tf.scalar(3)];
      for (const [by, first, second] of [
        [2, a, a],
        [2, a, b],
        ["3", b, a],
        [-1, b, a],
      ] as const) {
        const [product, { difference, nothing }] = compiled({ x: a, by }, [first, second]) as [
          tf.Tensor,
          { difference: tf.Tensor; nothing: undefined },
        ];
        expect(product.dataSync()[0]).toBe(5 * Number(by));
        expect(difference.dataSync()[0]).toBe(firstValue(first) - firstValue(second));
        expect(nothing).toBeUndefined();
      }
      expect(compiled.size).toBe(3);
    });
    compiled.dispose();
  });

  test("throws if a number changes at every call", () => {
    const compiled = compile((x: tf.Tensor, rate: number) => tf.mul(x, rate), {
      cacheSize: 2,
      name: "scale",
    });
    tf.tidy(() => {
      const x = tf.ones([2]);
      compiled(x, 0.1);
      compiled(x, 0.2);
      expect(() => compiled(x, 0.3)).toThrow(
        /^scale was called with more than 2 values of a JavaScript number.*0\.2.*0\.3.*tf\.scalar/,
      );
    });
    compiled.dispose();
  });
});

describe("variables", () => {
  const counter = (value: number) => tf.tidy(() => tf.variable(tf.scalar(value), false));

  test("live in the session, are shared, and are synchronised by pull, push and assignment", () => {
    const state = counter(1);
    const double = compile(() => state.assign(tf.mul(state, 2)), { name: "double" });
    const plus = compile((x: tf.Tensor) => {
      const old = tf.add(state, 0);
      state.assign(tf.add(state, x));
      return { old, now: tf.add(state, 0) };
    });
    tf.tidy(() => {
      double();
      double();
      expect(state.dataSync()[0]).toBe(1);
      const { old, now } = plus(tf.scalar(3));
      expect([old.dataSync()[0], now.dataSync()[0]]).toEqual([4, 7]);
      double();
      double.pull();
      expect(state.dataSync()[0]).toBe(14);
      state.assign(tf.scalar(5));
      expect(plus(tf.scalar(1)).old.dataSync()[0]).toBe(5);
      double();
      state.assign(tf.scalar(50));
      double();
      pullVariables();
      expect(state.dataSync()[0]).toBe(100);
      double();
      double();
      double.push();
      double();
    });
    double.dispose();
    expect(state.dataSync()[0]).toBe(200);
    plus.dispose();
    expect(state.dataSync()[0]).toBe(200);
    state.dispose();
  });

  test("keep their values when the specialisation that assigned them is evicted", () => {
    const state = counter(0);
    const add = compile((x: tf.Tensor) => state.assign(tf.add(state, tf.sum(x)) as tf.Scalar), {
      cacheSize: 1,
    });
    tf.tidy(() => {
      for (const length of [1, 2, 1, 3]) add(tf.ones([length]));
    });
    add.pull();
    expect(state.dataSync()[0]).toBe(7);
    add.dispose();
    state.dispose();
  });

  test("stay separate if made from one tensor, swapped, or passed as arguments", () => {
    const one = tf.scalar(1);
    const [a, b] = [tf.variable(one, false), tf.variable(one, false)];
    const step = compile((first: tf.Variable, second: tf.Variable, x: tf.Tensor) => {
      const old = tf.add(first, 0);
      first.assign(tf.add(second, x));
      second.assign(old);
    });
    tf.tidy(() => {
      step(a, b, one);
      step(a, b, one);
      step(b, a, tf.scalar(10));
    });
    step.pull();
    expect([a.dataSync()[0], b.dataSync()[0]]).toEqual([2, 12]);
    step.dispose();
    tf.dispose([a, b, one]);
  });

  test("of an optimiser are found, and keep no changes made by tracing", () => {
    const train = (run: <F extends (x: tf.Tensor) => tf.Tensor>(fn: F) => F & { pull?: () => void }) => {
      const weights = tf.tidy(() => tf.variable(tf.tensor1d([1, -2, 3])));
      const optimiser = tf.train.adam(0.05);
      const step = run((x: tf.Tensor) =>
        tf.tidy(
          () =>
            optimiser.minimize(() => tf.sum(tf.square(tf.sub(weights, x))) as tf.Scalar, true, [weights])!,
        ),
      );
      const losses = Array.from({ length: 20 }, (_, index) =>
        tf.tidy(() => firstValue(step(tf.tensor1d([0, index, 1])))),
      );
      step.pull?.();
      const result = [...losses, ...weights.dataSync()];
      if ("dispose" in step) (step as unknown as { dispose(): void }).dispose();
      optimiser.dispose();
      weights.dispose();
      return result;
    };
    const before = tf.memory().numTensors;
    expectClose(
      "losses and weights",
      train(compile as never),
      train((fn) => fn),
      1e-5,
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  test("made at each call throw an error", () => {
    const made: tf.Variable[] = [];
    const wasteful = compile((x: tf.Tensor) => {
      made.push(tf.variable(x));
      return tf.neg(x);
    });
    const x = tf.ones([2]);
    expect(() => wasteful(x)).toThrow(/makes a new tf.Variable.*once, outside/);
    x.dispose();
    tf.dispose(made);
  });

  test("that are disposed before the function throw an error", () => {
    const state = counter(1);
    const double = compile(() => state.assign(tf.mul(state, 2)));
    double();
    const { name } = state;
    state.dispose();
    expect(() => double()).toThrow(`The variable ${name} of a compiled function was disposed`);
    double.dispose();
  });
});

describe("memory", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "allroads compile "));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  test("does not grow with calls and traces, and is freed by dispose", () => {
    const models = () => (tf.node as unknown as { getNumOfSavedModels(): number }).getNumOfSavedModels();
    vi.stubEnv("TMPDIR", folder);
    const before = { tensors: tf.memory().numTensors, models: models() };
    const state = tf.tidy(() => tf.variable(tf.ones([4])));
    const step = compile((x: tf.Tensor) => {
      const kept = tf.keep(tf.square(x));
      state.assign(tf.add(state, kept));
      return { kept, sums: [tf.sum(kept)] };
    });
    const call = () =>
      tf.tidy(() => {
        const { kept, sums } = step(tf.ones([4]));
        return sums.reduce((total, sum) => total + firstValue(sum), firstValue(kept));
      });
    expect(call()).toBe(5);
    const during = tf.memory().numTensors;
    for (let round = 0; round < 100; round++) call();
    expect(tf.memory().numTensors).toBe(during);
    expect(models()).toBe(before.models + 1);
    expect(readdirSync(folder)).toEqual([]);
    step.dispose();
    state.dispose();
    expect({ tensors: tf.memory().numTensors, models: models() }).toEqual(before);
  });
});

describe("a compiled function within a compiled function", () => {
  test.each([false, true])("becomes part of the outer graph (jit: %s)", (jit) => {
    const inner = compile((x: tf.Tensor) => tf.square(x), { jit });
    const outer = compile((x: tf.Tensor) => tf.grad((at) => inner(at))(x));
    expect(tf.tidy(() => outer(tf.scalar(3)).dataSync()[0])).toBe(6);
    expect([inner.size, outer.size]).toEqual([0, 1]);
    outer.dispose();
  });
});
