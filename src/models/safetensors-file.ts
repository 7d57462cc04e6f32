import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { areFinite, widenBfloat16, widenFloat16 } from "./half-precision.ts";
import { type Fail, headerLength, parseHeader, type TensorPlace } from "./safetensors-header.ts";
import { type StoredTensor, typedArray } from "./stored-tensor.ts";

/** An open safetensors file, of any size, whose header has been checked and whose tensors are read one by one. */
export interface SafetensorsFile {
  readonly name: string;
  readonly metadata: Record<string, string>;
  /** Where its tensors lie, by offset. */
  readonly places: readonly TensorPlace[];
  /** A tensor in an array of its own. */
  read(place: TensorPlace): StoredTensor;
  /**
   * Reads a tensor of floating-point numbers into `into`, of as many elements, as float32. Returns whether all are finite.
   * Reads are of a few megabytes, so that nothing else is as large as `into`.
   */
  readFloats(place: TensorPlace, into: Float32Array): boolean;
  close(): void;
}

/** Throws an error that names the file. */
export function failFor(source: string): Fail {
  return (problem) => {
    throw new Error(`${source}: ${problem}`);
  };
}

/** Opens a safetensors file. Throws if it is missing or its header is not in the format. The caller closes it. */
export function openSafetensors(name: string): SafetensorsFile {
  const fail = failFor(name);
  const handle = openRegular(name, fail);
  /** Fills `bytes` from the file's byte `start` on. */
  const fill = (bytes: Uint8Array, start: number): void => {
    try {
      readFully(handle, bytes, start);
    } catch (error) {
      fail(`${bytes.length} bytes from byte ${start} could not be read (${(error as Error).message}).`);
    }
  };
  const part = (start: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    fill(bytes, start);
    return bytes;
  };
  try {
    const { size } = fstatSync(handle);
    const start = 8 + headerLength(part(0, Math.min(8, size)), size, fail);
    const { metadata, places } = parseHeader(part(8, start - 8), size - start, fail);
    return {
      name,
      metadata,
      places,
      read: ({ dtype, shape, from, to }) => ({
        dtype,
        shape,
        data: typedArray(dtype, part(start + from, to - from)),
      }),
      readFloats: ({ dtype, from }, into) =>
        readFloats(dtype, into, (bytes, at) => fill(bytes, start + from + at)),
      close: () => closeSync(handle),
    };
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}

/** How many numbers are read at once: those that a processor's cache holds. */
const NUMBERS_AT_ONCE = 2 ** 20;

/**
 * Converts numbers of type `dtype`, which `fill` reads from an offset in bytes on, to float32 in `into`. Returns whether
 * all are finite.
 */
function readFloats(
  dtype: string,
  into: Float32Array,
  fill: (bytes: Uint8Array, at: number) => void,
): boolean {
  if (dtype !== "F32" && dtype !== "F16" && dtype !== "BF16" && dtype !== "F64")
    throw new Error(`Numbers of type ${dtype} cannot be read as float32: convert them to F32.`);
  const atOnce = Math.min(NUMBERS_AT_ONCE, into.length);
  const buffer = dtype === "F64" ? new Float64Array(atOnce) : new Uint16Array(dtype === "F32" ? 0 : atOnce);
  let finite = true;
  for (let done = 0; done < into.length; done += atOnce) {
    const target = into.subarray(done, done + atOnce);
    const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
    const numbers = dtype === "F32" ? target : buffer.subarray(0, target.length);
    fill(bytesOf(numbers), done * numbers.BYTES_PER_ELEMENT);
    if (numbers instanceof Float64Array) target.set(numbers);
    const own =
      numbers instanceof Uint16Array
        ? (dtype === "F16" ? widenFloat16 : widenBfloat16)(numbers, bits)
        : areFinite(bits);
    finite &&= own;
  }
  return finite;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

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

/** What one call of readSync can read on every system. */
const MOST_AT_ONCE = 2 ** 30;

function readFully(handle: number, bytes: Uint8Array, start: number): void {
  for (let done = 0; done < bytes.length; ) {
    const count = readSync(handle, bytes, done, Math.min(bytes.length - done, MOST_AT_ONCE), start + done);
    if (count === 0) throw new Error(`it ended at byte ${start + done} while it was read`);
    done += count;
  }
}
