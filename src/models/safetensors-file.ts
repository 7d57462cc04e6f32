import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { widenBfloat16, widenFloat16 } from "./half-precision.ts";
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
   * Reads a tensor of floating-point numbers into `into`, of as many elements, as float32. Reads are of a few megabytes, so
   * that nothing else is as large as `into`.
   */
  readFloats(place: TensorPlace, into: Float32Array): void;
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

/** How many numbers of another type than float32 are read at once. */
const NUMBERS_AT_ONCE = 2 ** 20;

/** Converts numbers of type `dtype`, which `fill` reads from an offset in bytes on, to float32 in `into`. */
function readFloats(dtype: string, into: Float32Array, fill: (bytes: Uint8Array, at: number) => void): void {
  if (dtype === "F32") {
    fill(bytesOf(into), 0);
    return;
  }
  if (dtype !== "F16" && dtype !== "BF16" && dtype !== "F64")
    throw new Error(`Numbers of type ${dtype} cannot be read as float32: convert them to F32.`);
  const atOnce = Math.min(NUMBERS_AT_ONCE, into.length);
  const buffer = dtype === "F64" ? new Float64Array(atOnce) : new Uint16Array(atOnce);
  for (let done = 0; done < into.length; done += atOnce) {
    const numbers = buffer.subarray(0, into.length - done);
    fill(bytesOf(numbers), done * buffer.BYTES_PER_ELEMENT);
    const target = into.subarray(done, done + numbers.length);
    if (numbers instanceof Float64Array) target.set(numbers);
    else {
      const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
      (dtype === "F16" ? widenFloat16 : widenBfloat16)(numbers, bits);
    }
  }
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
