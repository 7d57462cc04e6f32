import { describe, expect, test } from "vitest";
import { tf } from "../../src/tensors/backend.ts";
import { compile, UntraceableError } from "../../src/tensors/compile.ts";
import { firstValue } from "./first-value.ts";

/* What a compiled function cannot do, and the errors that it throws. */

describe("a frozen value that changes", () => {
  const twice = (fn: (x: tf.Tensor) => tf.Tensor, between: () => void = () => {}) => {
    const compiled = compile(fn, { name: "step" });
    try {
      tf.tidy(() => {
        compiled(tf.ones([3]));
        between();
        compiled(tf.ones([3]));
      });
    } finally {
      compiled.dispose();
    }
  };

  test("throws with its old and new value and the line that reads it", () => {
    let rate = 0.5;
    expect(() =>
      twice(
        (x) => tf.mul(x, rate),
        () => {
          rate = 0.25;
        },
      ),
    ).toThrow(
      /^step cannot be compiled as it is: the number 0\.5 that Mul reads at .*compile-limits\.test\.ts:\d+ has become the number 0\.25 since/,
    );
  });

  test("throws for random numbers, an attribute, a captured tensor and a branch", () => {
    expect(() => twice((x) => tf.mul(x, tf.randomNormal([3])))).toThrow(
      /the constant \[.*\] of shape \[3\] that Mul/,
    );
    let power = 1;
    const more = () => {
      power++;
    };
    expect(() => twice((x) => tf.leakyRelu(x, power / 10), more)).toThrow(
      /its operation LeakyRelu at .*settings/,
    );
    expect(() => twice((x) => (power === 2 ? tf.neg(x) : tf.abs(x)), more)).toThrow(
      /operation Neg at .* now is Abs at/,
    );
    let outside = tf.scalar(2);
    expect(() =>
      twice(
        (x) => tf.mul(x, outside),
        () => {
          outside = tf.scalar(4);
        },
      ),
    ).toThrow(/the number 2 that Mul reads .* has become the number 4/);
  });

  test("is looked for at calls 2, 16, 128, … only, and not with check: false", () => {
    let traces = 0;
    const fn = (x: tf.Tensor) => {
      traces++;
      return tf.neg(x);
    };
    const compiled = compile(fn);
    const unchecked = compile(fn, { check: false });
    const counts = (own: typeof compiled) =>
      Array.from({ length: 17 }, () => {
        traces = 0;
        tf.tidy(() => own(tf.ones([1])));
        return traces;
      });
    expect(counts(compiled)).toEqual([1, 1, ...Array(13).fill(0), 1, 0]);
    expect(counts(unchecked)).toEqual([1, ...Array(16).fill(0)]);
    for (const one of [compiled, unchecked]) one.dispose();
  });
});

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
