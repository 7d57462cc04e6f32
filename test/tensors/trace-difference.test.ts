import { describe, expect, test } from "vitest";
import { tf } from "../../src/tensors/backend.ts";
import { compile } from "../../src/tensors/compile.ts";

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
      /^step cannot be compiled as it is: the number 0\.5 that Mul reads at .*trace-difference\.test\.ts:\d+ has become the number 0\.25 since/,
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
