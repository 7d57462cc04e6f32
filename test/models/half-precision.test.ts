import { expect, test } from "vitest";
import {
  areFinite,
  bfloat16Bits,
  float16Bits,
  widenBfloat16,
  widenFloat16,
} from "../../src/models/half-precision.ts";

const all = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits);
const widened = (widen: typeof widenFloat16) => {
  const bits = new Uint32Array(all.length);
  widen(all, bits);
  return new Float32Array(bits.buffer);
};

test("every binary16 number has the value of its sign, exponent and fraction", () => {
  for (const [bits, value] of widened(widenFloat16).entries()) {
    const sign = bits & 0x8000 ? -1 : 1;
    const [exponent, fraction] = [(bits >>> 10) & 0x1f, bits & 0x3ff];
    if (exponent === 0x1f) expect(value).toBe(fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY);
    else if (exponent === 0) expect(value).toBe(sign * fraction * 2 ** -24);
    else expect(value).toBe(sign * (1024 + fraction) * 2 ** (exponent - 25));
  }
});

test.each([
  ["binary16", widenFloat16, float16Bits],
  ["bfloat16", widenBfloat16, bfloat16Bits],
] as const)("every %s number but NaN is rounded to itself", (_, widen, narrow) => {
  for (const [bits, value] of widened(widen).entries()) {
    if (!Number.isNaN(value)) expect(narrow(value)).toBe(bits);
  }
});

test("every bfloat16 number is the upper half of its float32 bits", () => {
  const values = widened(widenBfloat16);
  const bits = new Uint32Array(values.buffer);
  for (const index of all) expect(bits[index]).toBe(index * 2 ** 16);
});

test.each([
  ["binary16", widenFloat16],
  ["bfloat16", widenBfloat16],
] as const)("a NaN or an infinity among %s numbers is reported, and nothing else", (_, widen) => {
  for (const [bits, value] of widened(widen).entries()) {
    const into = new Uint32Array(3);
    expect(widen(Uint16Array.of(0, bits, 0), into)).toBe(Number.isFinite(value));
    expect(areFinite(into)).toBe(Number.isFinite(value));
  }
});
