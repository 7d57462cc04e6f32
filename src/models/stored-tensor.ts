import { quoted } from "../files/quoted.ts";
import { bfloat16Bits, float16Bits, widenBfloat16, widenFloat16 } from "./half-precision.ts";
import { DTYPES, type Dtype, METADATA } from "./safetensors-header.ts";

/**
 * One tensor of a file, row-major. `dtype` determines the array's type: Float32Array for F16, BF16 and F32,
 * Float64Array for F64, Int32Array for I32, BigInt64Array for I64, Uint8Array for U8 and BOOL.
 */
export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;
}

/** Throws if a name or note has half of a surrogate pair, which UTF-8 cannot hold. */
export function checkUnicode(text: string): void {
  if (!/\p{Surrogate}/u.test(text)) return;
  throw new Error(
    `The name or note ${quoted(text)} has an unpaired surrogate: safetensors hold Unicode text.`,
  );
}

/** A tensor's bytes as they are stored. Throws if its array does not have the type of its dtype or the length of its shape. */
export function tensorBytes(name: string, { dtype, shape, data }: StoredTensor): Uint8Array {
  const label = `tensor ${quoted(name)}`;
  checkUnicode(name);
  if (name === METADATA)
    throw new Error(`${label} cannot be written: the format keeps that name for itself.`);
  const kinds = {
    BOOL: Uint8Array,
    U8: Uint8Array,
    F16: Float32Array,
    BF16: Float32Array,
    I32: Int32Array,
    F32: Float32Array,
    F64: Float64Array,
    I64: BigInt64Array,
  };
  const kind = kinds[dtype];
  if (!(data instanceof kind)) {
    throw new Error(`${label} of type ${dtype} should be given as a ${kind?.name ?? DTYPES.join(" or ")}.`);
  }
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw new Error(`${label} should have a shape of whole numbers from 0 and has [${shape.join(", ")}].`);
  }
  const size = shape.reduce((product, length) => product * length, 1);
  if (data.length !== size) {
    throw new Error(
      `${label} of shape [${shape.join(", ")}] needs ${size} numbers and is given ${data.length}.`,
    );
  }
  const stored =
    dtype === "F16"
      ? Uint16Array.from(data as Float32Array, float16Bits)
      : dtype === "BF16"
        ? Uint16Array.from(data as Float32Array, bfloat16Bits)
        : data;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

/** The elements in `bytes`, which must begin at the start of its buffer. */
export function typedArray(dtype: Dtype, bytes: Uint8Array): StoredTensor["data"] {
  const buffer = bytes.buffer as ArrayBuffer;
  switch (dtype) {
    case "F16":
      return widened(new Uint16Array(buffer), widenFloat16);
    case "BF16":
      return widened(new Uint16Array(buffer), widenBfloat16);
    case "F32":
      return new Float32Array(buffer);
    case "F64":
      return new Float64Array(buffer);
    case "I32":
      return new Int32Array(buffer);
    case "I64":
      return new BigInt64Array(buffer);
    default:
      return bytes;
  }
}

function widened(from: Uint16Array, widen: typeof widenFloat16): Float32Array {
  const bits = new Uint32Array(from.length);
  widen(from, bits);
  return new Float32Array(bits.buffer);
}
