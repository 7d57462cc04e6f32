import { writeFileAtomically } from "../files/atomic-write.ts";
import { failFor, openSafetensors } from "./safetensors-file.ts";
import {
  DTYPES,
  type Fail,
  headerLength,
  LONGEST_HEADER,
  METADATA,
  parseHeader,
} from "./safetensors-header.ts";
import { checkUnicode, type StoredTensor, tensorBytes, typedArray } from "./stored-tensor.ts";

export type { Dtype } from "./safetensors-header.ts";
export type { StoredTensor } from "./stored-tensor.ts";

/*
 * The safetensors format: eight bytes with the header's length (little-endian), a JSON header with each tensor's
 * type, shape and offsets, then the tensors' bytes. https://github.com/huggingface/safetensors
 */

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
  const parts = safetensorsParts(tensors, metadata);
  const bytes = new Uint8Array(sizeOfParts(parts));
  let place = 0;
  for (const part of parts) {
    bytes.set(part, place);
    place += part.byteLength;
  }
  return bytes;
}

const sizeOfParts = (parts: readonly Uint8Array[]) =>
  parts.reduce((sum, { byteLength }) => sum + byteLength, 0);

/** `encodeSafetensors` in pieces: the header, then the bytes of each tensor, which are views where nothing is converted. */
export function safetensorsParts(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array[] {
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
  const start = new Uint8Array(8 + length).fill(32, 8);
  new DataView(start.buffer).setBigUint64(0, BigInt(length), true);
  start.set(text, 8);
  return [start, ...parts];
}

/**
 * Decodes a safetensors file; `source` names it in errors. Throws if the bytes are truncated or not in the format,
 * a tensor does not begin where the one before ends, or its type is not a `Dtype`.
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): TensorFile {
  const fail: Fail = failFor(source);
  const part = (start: number, length: number) => new Uint8Array(bytes.subarray(start, start + length));
  const start = 8 + headerLength(part(0, 8), bytes.length, fail);
  const { metadata, places } = parseHeader(part(8, start - 8), bytes.length - start, fail);
  const tensors = places.map(({ name, dtype, shape, from, to }): [string, StoredTensor] => {
    return [name, { dtype, shape, data: typedArray(dtype, part(start + from, to - from)) }];
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

/** Reads a safetensors file, one tensor after the other. Throws if it is missing or as `decodeSafetensors` does. */
export function readSafetensors(name: string): TensorFile {
  const file = openSafetensors(name);
  try {
    const tensors = file.places.map((place): [string, StoredTensor] => [place.name, file.read(place)]);
    return { tensors: Object.fromEntries(tensors), metadata: file.metadata };
  } finally {
    file.close();
  }
}

/** The size in bytes up to which a file is put together in memory, since one write is faster than many. */
const SMALL = 2 ** 26;

/** Writes a safetensors file of any size atomically: a crash leaves the old or the new file. */
export function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  writeParts(file, safetensorsParts(tensors, metadata));
}

/** Writes a file of any size, given in pieces, atomically. */
export function writeParts(file: string, parts: readonly Uint8Array[]): void {
  writeFileAtomically(file, sizeOfParts(parts) <= SMALL ? [Buffer.concat(parts)] : parts);
}
