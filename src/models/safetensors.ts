import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { quoted } from "../files/quoted.ts";
import { bfloat16Bits, float16Bits, fromBfloat16, fromFloat16 } from "./half-precision.ts";
import {
  DTYPES,
  type Dtype,
  type Fail,
  headerLength,
  LONGEST_HEADER,
  METADATA,
  parseHeader,
} from "./safetensors-header.ts";

export type { Dtype } from "./safetensors-header.ts";

/*
 * The safetensors format: eight bytes with the header's length (little-endian), a JSON header with each tensor's
 * type, shape and offsets, then the tensors' bytes. https://github.com/huggingface/safetensors
 */

/**
 * One tensor of a file, row-major. `dtype` determines the array's type: Float32Array for F16, BF16 and F32,
 * Float64Array for F64, Int32Array for I32, BigInt64Array for I64, Uint8Array for U8 and BOOL.
 */
export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;
}

/** The contents of a safetensors file. */
export interface TensorFile {
  readonly tensors: Record<string, StoredTensor>;
  readonly metadata: Record<string, string>;
}

/**
 * The bytes of a safetensors file. They do not depend on the order of the tensors: these are sorted by descending
 * width, which keeps them aligned, and then by name. F16 and BF16 are rounded to nearest, ties to even. Throws if an
 * array does not have the type of its dtype or the length of its shape, or if no reader would take the header.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = Object.entries(tensors).sort(
    ([a, left], [b, right]) =>
      DTYPES.indexOf(right.dtype) - DTYPES.indexOf(left.dtype) || (a < b ? -1 : a > b ? 1 : 0),
  );
  const parts: Uint8Array[] = [];
  const header: [string, unknown][] = [];
  const notes = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const note of notes) note.forEach(checkUnicode);
  if (notes.length > 0) header.push([METADATA, Object.fromEntries(notes)]);
  let offset = 0;
  for (const [name, tensor] of entries) {
    const part = tensorBytes(name, tensor);
    header.push([
      name,
      { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [offset, offset + part.byteLength] },
    ]);
    parts.push(part);
    offset += part.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const length = Math.ceil(text.length / 8) * 8;
  if (length > LONGEST_HEADER) {
    throw new Error(
      `The names and shapes of ${entries.length} tensors and the metadata take ${length} bytes, and the format ` +
        `allows ${LONGEST_HEADER}: write several files.`,
    );
  }
  const bytes = new Uint8Array(8 + length + offset).fill(32, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  let place = 8 + length;
  for (const part of parts) {
    bytes.set(part, place);
    place += part.byteLength;
  }
  return bytes;
}

/**
 * Decodes a safetensors file; `source` names it in errors. Throws if the bytes are truncated or not in the format,
 * a tensor does not begin where the one before ends, or its type is not a `Dtype`.
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): TensorFile {
  const part: Part = (start, length) => new Uint8Array(bytes.subarray(start, start + length));
  return decode(bytes.length, part, failFor(source));
}

/** Reads a safetensors file, one tensor after the other. Throws if it is missing or as `decodeSafetensors` does. */
export function readSafetensors(file: string): TensorFile {
  const fail = failFor(file);
  const handle = openRegular(file, fail);
  try {
    return decode(fstatSync(handle).size, partOf(handle, fail), fail);
  } finally {
    closeSync(handle);
  }
}

function openRegular(file: string, fail: Fail): number {
  try {
    if (!statSync(file).isFile()) throw new Error("it is not a regular file");
    return openSync(file, "r");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return fail(
      code === "ENOENT"
        ? "there is no such file; give the path of a safetensors file."
        : `the safetensors file could not be read (${message}).`,
    );
  }
}

/** Bytes of a file in a buffer of their own. */
type Part = (start: number, length: number) => Uint8Array;

function decode(size: number, part: Part, fail: Fail): TensorFile {
  const start = 8 + headerLength(part(0, Math.min(8, size)), size, fail);
  const { metadata, places } = parseHeader(part(8, start - 8), size - start, fail);
  const tensors = places.map(({ name, dtype, shape, from, to }): [string, StoredTensor] => {
    return [name, { dtype, shape, data: typedArray(dtype, part(start + from, to - from)) }];
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

function partOf(handle: number, fail: Fail): Part {
  const read = (start: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const count = readSync(handle, bytes, done, Math.min(length - done, MOST_AT_ONCE), start + done);
      if (count === 0) throw new Error(`it ended at byte ${start + done} while it was read`);
      done += count;
    }
    return bytes;
  };
  return (start, length) => {
    try {
      return read(start, length);
    } catch (error) {
      return fail(`${length} bytes from byte ${start} could not be read (${(error as Error).message}).`);
    }
  };
}

/** What one call of readSync can read on every system. */
const MOST_AT_ONCE = 2 ** 30;

function failFor(source: string): Fail {
  return (problem) => {
    throw new Error(`${source}: ${problem}`);
  };
}

/** Writes a safetensors file atomically: a crash leaves the old or the new file. */
export function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  writeFileAtomically(file, encodeSafetensors(tensors, metadata));
}

/** Throws if a name or note has half of a surrogate pair, which UTF-8 cannot hold. */
function checkUnicode(text: string): void {
  if (!/\p{Surrogate}/u.test(text)) return;
  throw new Error(
    `The name or note ${quoted(text)} has an unpaired surrogate: safetensors hold Unicode text.`,
  );
}

function tensorBytes(name: string, { dtype, shape, data }: StoredTensor): Uint8Array {
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
function typedArray(dtype: Dtype, bytes: Uint8Array): StoredTensor["data"] {
  const buffer = bytes.buffer as ArrayBuffer;
  switch (dtype) {
    case "F16":
      return Float32Array.from(new Uint16Array(buffer), fromFloat16);
    case "BF16":
      return Float32Array.from(new Uint16Array(buffer), fromBfloat16);
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
