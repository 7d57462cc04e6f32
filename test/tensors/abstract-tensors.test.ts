import { afterEach, describe, expect, test } from "vitest";
import { paddedShape } from "../../src/models/batch.ts";
import { tf } from "../../src/tensors/backend.ts";
import { compile, whileLoop } from "../../src/tensors/compile.ts";
import { nodeBackend } from "../../src/tensors/native-binding.ts";
import { trace } from "../../src/tensors/tracer.ts";
import { adamWDefaults, adamWScales } from "../../src/training/optimizer.ts";
import { preferenceObjective } from "../../src/training/preference.ts";
import { openTrainer } from "../../src/training/trainer.ts";
import { model, task } from "../laboratory.ts";
import { firstValue } from "./first-value.ts";

const backend = nodeBackend();
const { binding } = backend;
afterEach(() => {
  backend.binding = binding;
});

/** The operations that TensorFlow runs eagerly while `body` runs. */
function executedBy(body: () => void): string[] {
  const executed: string[] = [];
  const executeOp: typeof binding.executeOp = (name, ...rest) => {
    executed.push(name);
    return binding.executeOp(name, ...rest);
  };
  backend.binding = Object.create(binding, { executeOp: { value: executeOp } });
  body();
  backend.binding = binding;
  return executed;
}

describe("a trace", () => {
  test("takes no memory for intermediate results", () => {
    const [width, steps] = [2 ** 22, 16];
    tf.tidy(() => {
      const x = tf.ones([width]);
      const sum = (at: tf.Tensor) => {
        const parts = Array.from({ length: steps }, (_, index) => tf.add(at, index));
        return tf.sum(tf.addN(parts.map((part) => tf.mul(part, part))));
      };
      firstValue(tf.neg(x));
      const before = process.resourceUsage().maxRSS;
      const { operations } = trace(([at]) => tf.grad(sum)(at!), [x]);
      expect(operations.length).toBeGreaterThan(4 * steps);
      const kilobytes = (4 * width) / 2 ** 10;
      expect(process.resourceUsage().maxRSS - before).toBeLessThan(8 * kilobytes);
    });
  });

  test("of a DPO training step runs no operation", () => {
    const groups = [{ prompt: [3, 4, 5], completions: [[6, 7], [8]] }];
    const objective = preferenceObjective(task.vocabulary.pad, paddedShape(groups), { beta: 1 });
    const trainer = openTrainer(model, objective, adamWDefaults, true);
    const executed = executedBy(() => {
      tf.tidy(() => {
        const examples = groups.map((group) => ({ group, referenceChosen: -1, referenceRejected: -2 }));
        const batch = objective.batch(examples, 0);
        const scales = tf.tensor1d(adamWScales(1, 1e-3, adamWDefaults));
        for (let step = 0; step < 2; step++) trainer.step({ batch, scales });
      });
    });
    expect(trainer.graphs).toBe(1);
    expect(executed).toEqual([]);
    trainer.dispose();
  });
});

/** Runs `fn` eagerly and compiled, twice each, and expects the same values. */
function expectSame(fn: (x: tf.Tensor) => tf.Tensor, ...shape: number[]) {
  const compiled = compile(fn);
  tf.tidy(() => {
    const x = tf
      .linspace(
        0.1,
        2,
        shape.reduce((size, length) => size * length, 1),
      )
      .reshape(shape);
    const expected = fn(x);
    for (let call = 0; call < 2; call++) {
      const found = compiled(x);
      expect(found.shape).toEqual(expected.shape);
      for (const [index, value] of expected.dataSync().entries()) {
        expect(found.dataSync()[index]).toBeCloseTo(value, 4);
      }
    }
  });
  compiled.dispose();
}

describe("abstract tensors", () => {
  test("of operations without a shape function get their shapes from TensorFlow", () => {
    const before = binding.getNumOfTensors();
    const cropped = (x: tf.Tensor) => {
      const images = tf.mul(x, 2) as tf.Tensor4D;
      const boxes = tf.tensor2d([[0, 0, 1, 1]]);
      return tf.neg(tf.image.cropAndResize(images, boxes, tf.tensor1d([0], "int32"), [3, 2]));
    };
    expectSame(cropped, 1, 4, 4, 2);
    expectSame((x) => tf.einsum("ij,jk->ki", tf.exp(x), tf.transpose(tf.sin(x))), 3, 2);
    expectSame((x) => tf.depthToSpace(tf.square(x) as tf.Tensor4D, 2, "NHWC"), 1, 2, 2, 4);
    expect(binding.getNumOfTensors()).toBe(before);
  });

  test("have values within a loop's body", () => {
    expectSame(
      (x) =>
        whileLoop(
          (y) => tf.less(tf.sum(y), 50),
          (y) => {
            const two = firstValue(tf.add(1, tf.ones([])));
            return tf.einsum("ij->ij", tf.mul(y, two));
          },
          x,
        ),
      2,
      2,
    );
  });

  test("that do not depend on the input can be read", () => {
    const fn = (x: tf.Tensor) => {
      const rows = firstValue(tf.sum(tf.range(0, 4, 1, "int32")));
      return tf.reshape(tf.tile(x, [rows]), [rows, -1]);
    };
    expectSame(fn, 3);
  });

  test("as indices are checked where their values are known", () => {
    const table = (x: tf.Tensor) => tf.reshape(x, [3, 2]);
    expectSame(
      (x) => tf.gather(table(x), tf.add(tf.tensor1d([0, 1], "int32"), tf.scalar(1, "int32")) as tf.Tensor1D),
      6,
    );
    expectSame((x) => tf.gather(table(x), tf.argMin(table(x), 1)), 6);
    const wrong = compile((x: tf.Tensor) =>
      tf.gather(x, tf.add(tf.tensor1d([2], "int32"), tf.scalar(1, "int32")) as tf.Tensor1D),
    );
    tf.tidy(() => {
      expect(() => wrong(tf.ones([3]))).toThrow("the index value 3 is not in [0, 2]");
    });
  });

  test("that the function keeps have their values after the trace", () => {
    const kept: tf.Tensor[] = [];
    const variables: tf.Variable[] = [];
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2]);
      const made = (at: tf.Tensor) => {
        if (variables.length === 0) {
          variables.push(
            tf.variable(tf.onesLike(at)),
            tf.variable(tf.zeros([2])),
            tf.variable(tf.add(at, 1)),
          );
        }
        kept.push(tf.keep(tf.mul(at, 3)), tf.keep(tf.tensor1d([7])), tf.keep(tf.clone(at)));
        const [ones] = variables as [tf.Variable];
        ones.assign(tf.add(ones, at));
        return tf.add(ones, 0);
      };
      const compiled = compile(made);
      expect([...compiled(x).dataSync()]).toEqual([2, 3]);
      const values = (tensors: tf.Tensor[]) => tensors.map((tensor) => [...tensor.dataSync()]);
      expect(values(variables)).toEqual([
        [1, 1],
        [0, 0],
        [2, 3],
      ]);
      compiled.pull();
      expect(values(variables)).toEqual([
        [2, 3],
        [0, 0],
        [2, 3],
      ]);
      expect(values(kept)).toEqual([[3, 6], [7], [1, 2], [3, 6], [7], [1, 2]]);
      compiled.dispose();
    });
    tf.dispose([...kept, ...variables]);
  });
});
