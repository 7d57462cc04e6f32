import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { encodeSafetensors, type StoredTensor, writeSafetensors } from "../../src/models/safetensors.ts";
import { openSafetensors } from "../../src/models/safetensors-file.ts";
import { temporaryFolder } from "../temporary.ts";

/** A file with holes, of `numbers` zeros of two bytes and then the bytes `end`, as the tensors "zeros" and "end". */
function sparse(name: string, numbers: number, end: Uint8Array, dtype: string): string {
  const file = path.join(temporaryFolder("sparse"), name);
  const width = dtype === "F32" ? 4 : 2;
  const header = Buffer.from(
    JSON.stringify({
      zeros: { dtype: "F16", shape: [numbers], data_offsets: [0, 2 * numbers] },
      end: { dtype, shape: [end.length / width], data_offsets: [2 * numbers, 2 * numbers + end.length] },
    }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const handle = openSync(file, "w");
  writeSync(handle, Buffer.concat([length, header]), 0, 8 + header.length, 0);
  const start = 8 + header.length + 2 * numbers;
  ftruncateSync(handle, start + end.length);
  writeSync(handle, end, 0, end.length, start);
  closeSync(handle);
  return file;
}

const placeOf = (file: ReturnType<typeof openSafetensors>, wanted: string) =>
  file.places.find(({ name }) => name === wanted)!;

describe("a tensor beyond 2 GiB of a file", () => {
  test.each([
    ["F32", new Uint8Array(Float32Array.of(1, -2.5, 3).buffer), [1, -2.5, 3]],
    ["F16", new Uint8Array(Uint16Array.of(0x3c00, 0xc100, 1).buffer), [1, -2.5, 2 ** -24]],
    ["BF16", new Uint8Array(Uint16Array.of(0x3f80, 0xc020, 0x4040).buffer), [1, -2.5, 3]],
  ])("is read at its offset: %s", (dtype, bytes, values) => {
    const before = process.memoryUsage().arrayBuffers;
    const file = openSafetensors(sparse(dtype, 3 * 2 ** 30, bytes, dtype));
    const place = placeOf(file, "end");
    expect(place.from).toBe(6 * 2 ** 30);
    const into = new Float32Array(values.length);
    file.readFloats(place, into);
    expect([...into]).toEqual(values);
    expect([...file.read(place).data]).toEqual(values);
    file.close();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });
});

test.each(["F16", "BF16", "F32", "F64"] as const)(
  "numbers are read where they belong, the same a few million at a time as at once: %s",
  (dtype) => {
    const count = 2 ** 21 + 3;
    const numbers = Float32Array.from({ length: count }, (_, index) => (index % 2039) - 1000);
    const data = dtype === "F64" ? Float64Array.from(numbers) : numbers;
    const name = path.join(temporaryFolder("numbers"), "x.safetensors");
    writeSafetensors(name, {
      x: { dtype, shape: [count], data },
      y: { dtype: "U8", shape: [1], data: Uint8Array.of(7) },
    });
    const file = openSafetensors(name);
    const around = new Float32Array(count + 2).fill(-5);
    file.readFloats(placeOf(file, "x"), around.subarray(1, -1));
    expect([around[0], around.at(-1)]).toEqual([-5, -5]);
    const read = Float32Array.from(file.read(placeOf(file, "x")).data as Float32Array);
    expect(Buffer.compare(Buffer.from(read.buffer), Buffer.from(around.slice(1, -1).buffer))).toBe(0);
    if (dtype !== "BF16")
      expect(around.subarray(1, -1).every((value, index) => value === numbers[index])).toBe(true);
    expect(() => file.readFloats(placeOf(file, "y"), new Float32Array(1))).toThrow(
      "Numbers of type U8 cannot be read",
    );
    file.close();
  },
);

test("a file that is written tensor by tensor, since it is large, has the bytes of one that is put together", () => {
  const data = new Float32Array(2 ** 24).fill(0.5);
  const tensors: Record<string, StoredTensor> = {
    large: { dtype: "F32", shape: [2 ** 24], data },
    half: { dtype: "BF16", shape: [3], data: Float32Array.of(1, 2, 3) },
  };
  const name = path.join(temporaryFolder("large"), "x.safetensors");
  writeSafetensors(name, tensors, { format: "pt" });
  expect(Buffer.compare(readFileSync(name), encodeSafetensors(tensors, { format: "pt" }))).toBe(0);
});
