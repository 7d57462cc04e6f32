import { expect } from "vitest";
import { type Network, network } from "../src/models/decoder.ts";
import type { Model } from "../src/models/gpt-neox.ts";
import { type HostWeights, unflatten } from "../src/models/named-weights.ts";
import { readSafetensors } from "../src/models/safetensors.ts";
import { tf } from "../src/tensors/backend.ts";

/**
 * Fails where `actual` differs from `expected` by more than `tolerance` in norm, or anywhere by more than twice
 * that part of the largest number.
 */
export function expectClose(
  label: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
) {
  expect(actual.length, label).toBe(expected.length);
  const errors = Array.from(actual, (value, index) => value - expected[index]!);
  expect(norm(errors) / norm(expected), `${label}: relative error in norm`).toBeLessThan(tolerance);
  expect(largest(errors) / largest(expected), `${label}: largest error`).toBeLessThan(2 * tolerance);
}

/**
 * Compares the gradient of every parameter with `expected`. One that is zero but for rounding (a bias that
 * cancels in a difference, say) must be so here, beside the whole gradient.
 */
export function expectGradients(actual: HostWeights, expected: HostWeights, tolerance: number) {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  const total = norm(Object.values(expected).map(norm));
  for (const [name, values] of Object.entries(expected)) {
    if (norm(values) > 1e-9 * total) expectClose(name, actual[name]!, values, tolerance);
    else expect(norm(actual[name]!) / total, name).toBeLessThan(1e-6);
  }
}

/** The value and the parameters' gradients of `lossOf`. Fails where it leaves tensors behind. */
export function differentiate(model: Model, lossOf: (net: Network) => tf.Scalar) {
  const { config, head } = model;
  const before = tf.memory().numTensors;
  const [value, gradient] = tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((flat) => lossOf(network(config, flat as tf.Tensor1D, head)))(
      tf.tensor1d(model.weights),
    );
    return [value.dataSync()[0]!, grad.dataSync() as Float32Array];
  }) as unknown as [number, Float32Array];
  expect(tf.memory().numTensors).toBe(before);
  return { loss: value, gradients: unflatten(config, gradient, head) };
}

/** The tensors of a fixture whose names begin with `prefix`, without it. */
export function fixtureTensors(file: string, prefix: string): HostWeights {
  const { tensors } = readSafetensors(file);
  const own = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, { data }]) => [name.slice(prefix.length), data as Float32Array]));
}

export function norm(values: ArrayLike<number>): number {
  return Math.sqrt(Array.from(values, (value) => value * value).reduce((sum, square) => sum + square, 0));
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values, Math.abs).reduce((most, value) => Math.max(most, value), 0);
}
