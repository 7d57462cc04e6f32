const scratch = new DataView(new ArrayBuffer(4));

/** The bfloat16 bits of `value`, the upper half of its float32 bits, rounded to nearest, ties to even. */
export function bfloat16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** The IEEE 754 binary16 bits of `value`, rounded to nearest, ties to even. */
export function float16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const steps = roundToEven(size / 2 ** (exponent - 10));
  return sign | (((exponent + 14) << 10) + steps);
}

function roundToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}

/** The float32 bits of every binary16 number, by its bits. Made when it is first needed. */
let float16Table: Uint32Array | undefined;

/** The float32 bits of the IEEE 754 binary16 `bits`. */
function widenedFloat16(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

/*
 * In the functions below, adding 1 to an exponent whose bits are all set, as in NaN and the infinities, carries into the
 * sign's place. The sums' union, whose sign is read at the end, costs no time beside the widening.
 */

/** Writes the float32 bits of the binary16 numbers `from` into `into`, of the same length. Returns whether all are finite. */
export function widenFloat16(from: Uint16Array, into: Uint32Array): boolean {
  float16Table ??= Uint32Array.from({ length: 2 ** 16 }, (_, bits) => widenedFloat16(bits));
  const table = float16Table;
  let carries = 0;
  for (let index = 0; index < from.length; index++) {
    const bits = from[index]!;
    carries |= (bits & 0x7c00) + 0x0400;
    into[index] = table[bits]!;
  }
  return (carries & 0x8000) === 0;
}

/**
 * Writes the float32 bits of the bfloat16 numbers `from`, their upper halves, into `into`, of the same length. Returns
 * whether all are finite.
 */
export function widenBfloat16(from: Uint16Array, into: Uint32Array): boolean {
  let carries = 0;
  for (let index = 0; index < from.length; index++) {
    const bits = from[index]!;
    carries |= (bits & 0x7f80) + 0x0080;
    into[index] = bits << 16;
  }
  return (carries & 0x8000) === 0;
}

/** Whether all float32 numbers, given as bits, are finite. */
export function areFinite(bits: Uint32Array): boolean {
  let carries = 0;
  for (let index = 0; index < bits.length; index++) carries |= (bits[index]! & 0x7f800000) + 0x00800000;
  return carries >= 0;
}
