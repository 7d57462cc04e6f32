import { describe, expect, test } from "vitest";
import { tf } from "../../src/tensors/backend.ts";
import { compile, UntraceableError } from "../../src/tensors/compile.ts";
import { firstValue } from "./first-value.ts";

describe("a function that cannot be traced", () => {
  const cases: Record<string, [(x: tf.Tensor1D) => unknown, RegExp]> = {
    "a value read inside": [(x) => tf.mul(x, firstValue(tf.exp(x))), /read the value of Exp .*outside/],
    "an argument read inside": [(x) => tf.mul(x, firstValue(x)), /read the value of input 0/],
    "random operations": [
      (x) => tf.multinomial(x, 3),
      /^Multinomial cannot be compiled.*random.*as a tensor/,
    ],
    "shapes that depend on values": [(x) => tf.unique(x).values, /^UniqueV2 cannot be compiled.*tf\.where/],
    "results without tensors": [(x) => [x, 3], /must return tensors.*number 3/],
    promises: [async (x) => x, /a promise/],
  };

  test.each(Object.entries(cases))("throws for %s and leaks no tensors", (_, [fn, message]) => {
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2, 3]);
      const before = tf.memory().numTensors;
      const compiled = compile(fn);
      expect(() => compiled(x)).toThrow(message);
      expect(() => compiled(x)).toThrow(UntraceableError);
      expect(compiled.size).toBe(0);
      expect(tf.memory().numTensors).toBe(before);
      expect(tf.add(x, x).dataSync()[2]).toBe(6);
    });
  });

  test("runs eagerly on current variables with fallback: eager", () => {
    const total = tf.variable(tf.scalar(0), false);
    const add = compile((x: tf.Tensor) => total.assign(tf.add(total, x)));
    const read = compile((x: tf.Tensor) => tf.mul(x, firstValue(total)), { fallback: "eager" });
    let factor = 2;
    const frozen = compile((x: tf.Tensor) => tf.mul(x, factor), { fallback: "eager" });
    tf.tidy(() => {
      for (let call = 1; call <= 3; call++) {
        add(tf.scalar(1));
        expect(read(tf.scalar(10)).dataSync()[0]).toBe(10 * call);
        expect(frozen(tf.scalar(1)).dataSync()[0]).toBe(factor++);
      }
    });
    for (const one of [add, read, frozen]) one.dispose();
    total.dispose();
  });
});
