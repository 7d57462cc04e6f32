import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readSafetensors } from "../../src/models/safetensors.ts";
import { tf } from "../../src/tensors/backend.ts";
import { compile } from "../../src/tensors/compile.ts";
import { matMul, matrixProductPrecision } from "../../src/tensors/matrix-products.ts";
import { expectClose } from "../parity.ts";

/* Products against PyTorch's (fixtures/make_matrix_products.py). */

const { tensors } = readSafetensors(
  path.join(import.meta.dirname, "fixtures", "matrix-products.safetensors"),
);
const fixture = (name: string) => tensors[name]!.data as Float32Array;
const factor = (name: string) => tf.tensor(fixture(name), [...tensors[name]!.shape]);

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The product of the fixture's factors and its gradients. */
const differentiated = (left: tf.Tensor, right: tf.Tensor, dy: tf.Tensor) => {
  const [ofLeft, ofRight] = tf.grads((a, b) => matMul(a!, b!))([left, right], dy);
  return { product: matMul(left, right), left: ofLeft!, right: ofRight! };
};

describe.each([
  ["bfloat16", 2 ** -8],
  ["tf32", 1e-6],
] as const)("products in %s", (precision, tolerance) => {
  beforeEach(() => {
    vi.stubEnv("ALLROADS_MATRIX_PRODUCTS", precision);
  });

  test.each([
    ["eagerly", differentiated],
    ["compiled", compile(differentiated)],
  ])("and their gradients are PyTorch's, %s", (_, compute) => {
    const before = tf.memory().numTensors;
    const inputs = ["left", "right", "dy"].map(factor) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const found = compute(...inputs);
    for (const [name, tensor] of Object.entries(found))
      expectClose(name, tensor.dataSync(), fixture(`${precision}/${name}`), tolerance);
    tf.dispose([inputs, found]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("differ from float32's", () => {
    const found = tf.tidy(() => matMul(factor("left"), factor("right")).dataSync());
    const exact = tf.tidy(() => tf.matMul(factor("left"), factor("right")).dataSync());
    expect(() => expectClose("product", found, exact, tolerance / 100)).toThrow("relative error");
  });

  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])("have the gradients of their transposed factors (%s, %s)", (transposeLeft, transposeRight) => {
    tf.tidy(() => {
      const left = tf.randomNormal(transposeLeft ? [6, 3] : [3, 6], 0, 1, "float32", 1);
      const right = tf.randomNormal(transposeRight ? [4, 6] : [6, 4], 0, 1, "float32", 2);
      const dy = tf.randomNormal([3, 4], 0, 1, "float32", 3);
      const found = tf.grads((a, b) => matMul(a!, b!, transposeLeft, transposeRight))([left, right], dy);
      const exact = tf.grads((a, b) => tf.matMul(a!, b!, transposeLeft, transposeRight))([left, right], dy);
      for (const [index, gradient] of found.entries())
        expectClose("gradient", gradient.dataSync(), exact[index]!.dataSync(), 2 ** -7);
    });
  });
});

test("products are float32 by default", () => {
  expect(matrixProductPrecision()).toBe("float32");
  const found = tf.tidy(() => matMul(factor("left"), factor("right")).dataSync());
  expect(found).toEqual(tf.tidy(() => tf.matMul(factor("left"), factor("right")).dataSync()));
});

test("another precision is refused by name", () => {
  vi.stubEnv("ALLROADS_MATRIX_PRODUCTS", "bf16");
  expect(matrixProductPrecision).toThrow(
    'ALLROADS_MATRIX_PRODUCTS is "bf16": set it to one of float32, tf32, bfloat16.',
  );
});
