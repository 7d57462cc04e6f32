import { readFileSync } from "node:fs";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { bfloat16Bits, float16Bits, fromBfloat16, fromFloat16 } from "./half-precision.ts";

/*
 * The safetensors format: eight bytes with the header's length (little-endian), a JSON header with each tensor's
 * type, shape and offsets, then the tensors' bytes. https://github.com/huggingface/safetensors
 */

/** Bytes per element of the supported types, in the order in which the format's own writer ranks them. */
const BYTES = { BOOL: 1, U8: 1, F16: 2, BF16: 2, I32: 4, F32: 4, F64: 8, I64: 8 } as const;

/** The data types that can be read and written. */
export type Dtype = keyof typeof BYTES;

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

const RANK = Object.keys(BYTES);
const METADATA = "__metadata__";

/**
 * The bytes of a safetensors file. They do not depend on the order of the tensors: these are sorted by descending
 * width, which keeps them aligned, and then by name. F16 and BF16 are rounded to nearest, ties to even. Throws if an
 * array does not have the type of its dtype or the length of its shape.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = Object.entries(tensors).sort(
    ([a, left], [b, right]) =>
      RANK.indexOf(right.dtype) - RANK.indexOf(left.dtype) || (a < b ? -1 : a > b ? 1 : 0),
  );
  const parts: Uint8Array[] = [];
  const header: [string, unknown][] = [];
  const notes = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
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
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset).fill(32, 8, 8 + headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(text, 8);
  let place = 8 + headerLength;
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
  const fail = (problem: string): never => {
    throw new Error(`${source}: ${problem}`);
  };
  if (bytes.length < 8)
    fail(`a safetensors file begins with 8 bytes of length and this one has ${bytes.length}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  const available = bytes.length - 8;
  if (headerLength > available) {
    fail(
      `the safetensors header should be ${headerLength} bytes long and only ${available} follow; ` +
        "the file is cut short or is not a safetensors file.",
    );
  }
  const { metadata, entries } = readHeader(bytes.subarray(8, 8 + headerLength), fail);
  const body = bytes.subarray(8 + headerLength);

  let end = 0;
  const tensors = entries.map(([name, { dtype, shape, data_offsets }]): [string, StoredTensor] => {
    const [from, to] = data_offsets;
    if (from !== end || to < from) {
      fail(
        `tensor ${JSON.stringify(name)} should begin at byte ${end} of the data and is given as ${from} to ${to}.`,
      );
    }
    if (!Object.hasOwn(BYTES, dtype)) {
      fail(
        `tensor ${JSON.stringify(name)} has type ${dtype}, which cannot be read; ` +
          `convert it to one of ${RANK.join(", ")}.`,
      );
    }
    const size = shape.reduce((product, length) => product * length, 1) * BYTES[dtype];
    if (to - from !== size) {
      fail(
        `tensor ${JSON.stringify(name)} of type ${dtype} and shape [${shape.join(", ")}] needs ${size} bytes ` +
          `and is given ${to - from}.`,
      );
    }
    if (to > body.length) {
      fail(
        `the data of tensor ${JSON.stringify(name)} should end at byte ${to} and the file has ${body.length}; ` +
          "it is cut short, so fetch or write it again.",
      );
    }
    end = to;
    return [name, { dtype, shape, data: typedArray(dtype, new Uint8Array(body.subarray(from, to))) }];
  });
  if (end !== body.length)
    fail(`the tensors end at byte ${end} of the data and the file has ${body.length}.`);
  return { tensors: Object.fromEntries(tensors), metadata };
}

/** Reads a safetensors file. Throws if it is missing or as `decodeSafetensors` does. */
export function readSafetensors(file: string): TensorFile {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new Error(`${file}: there is no such file; give the path of a safetensors file.`);
    }
    throw new Error(`${file}: the safetensors file could not be read (${(error as Error).message}).`);
  }
  return decodeSafetensors(bytes, file);
}

/** Writes a safetensors file atomically: a crash leaves the old or the new file. */
export function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  writeFileAtomically(file, encodeSafetensors(tensors, metadata));
}

interface Entry {
  dtype: Dtype;
  shape: number[];
  data_offsets: [number, number];
}

/** The header's metadata, and its tensors sorted by offset. */
function readHeader(bytes: Uint8Array, fail: (problem: string) => never) {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    fail("the safetensors header is not JSON; the file is damaged or is not a safetensors file.");
  }
  if (!isRecord(parsed)) return fail("the safetensors header should be a JSON object of tensors.");
  const { [METADATA]: notes = {}, ...rest } = parsed;
  if (!isRecord(notes) || !Object.values(notes).every((value) => typeof value === "string")) {
    return fail(`the safetensors header's ${METADATA} should map names to strings.`);
  }
  const entries = Object.entries(rest).map(([name, entry]): [string, Entry] => {
    const { dtype, shape, data_offsets } = isRecord(entry) ? entry : {};
    if (
      typeof dtype !== "string" ||
      !isCounts(shape) ||
      !isCounts(data_offsets) ||
      data_offsets.length !== 2
    ) {
      return fail(
        `tensor ${JSON.stringify(name)} should have a dtype, a shape and two data_offsets in the header.`,
      );
    }
    return [name, entry as unknown as Entry];
  });
  entries.sort(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1]);
  return { metadata: notes as Record<string, string>, entries };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

function tensorBytes(name: string, { dtype, shape, data }: StoredTensor): Uint8Array {
  const label = `tensor ${JSON.stringify(name)}`;
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
    throw new Error(`${label} of type ${dtype} should be given as a ${kind?.name ?? RANK.join(" or ")}.`);
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
