import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import {
  type Dtype,
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type StoredTensor,
  writeSafetensors,
} from "../../src/models/safetensors.ts";

const fixtures = path.join(import.meta.dirname, "fixtures");
const folder = mkdtempSync(path.join(os.tmpdir(), "safetensors "));
afterAll(() => rmSync(folder, { recursive: true }));

const float = fc.float({ noNaN: true });
/** float32 numbers whose lower 16 bits are 0, which bfloat16 holds exactly. */
const brain = fc
  .integer({ min: 0, max: 0x7f80 })
  .map((bits) => new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!);
/** Whole numbers up to 2048, scaled by powers of two, which binary16 holds exactly. */
const half = fc
  .tuple(fc.integer({ min: -2048, max: 2048 }), fc.integer({ min: -24, max: 4 }))
  .map(([steps, exponent]) => steps * 2 ** exponent);
const byte = fc.integer({ min: 0, max: 255 });
const arrays: Record<Dtype, (length: number) => fc.Arbitrary<StoredTensor["data"]>> = {
  BOOL: (n) => fc.array(fc.integer({ min: 0, max: 1 }), exactly(n)).map((x) => Uint8Array.from(x)),
  U8: (n) => fc.array(byte, exactly(n)).map((x) => Uint8Array.from(x)),
  F16: (n) => fc.array(half, exactly(n)).map((x) => Float32Array.from(x)),
  BF16: (n) => fc.array(brain, exactly(n)).map((x) => Float32Array.from(x)),
  I32: (n) => fc.array(fc.integer(), exactly(n)).map((x) => Int32Array.from(x)),
  F32: (n) => fc.array(float, exactly(n)).map((x) => Float32Array.from(x)),
  F64: (n) => fc.array(fc.double(), exactly(n)).map((x) => Float64Array.from(x)),
  I64: (n) =>
    fc
      .array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), exactly(n))
      .map((x) => BigInt64Array.from(x)),
};
function exactly(length: number) {
  return { minLength: length, maxLength: length };
}
const tensor: fc.Arbitrary<StoredTensor> = fc
  .record({
    dtype: fc.constantFrom(...(Object.keys(arrays) as Dtype[])),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
  })
  .chain(({ dtype, shape }) =>
    arrays[dtype](shape.reduce((a, b) => a * b, 1)).map((data) => ({ dtype, shape, data })),
  );
const name = fc.string().filter((text) => text !== "__metadata__");
const tensors = fc.dictionary(name, tensor, { maxKeys: 5, noNullPrototype: true });
const metadata = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3, noNullPrototype: true });

describe("any tensors", () => {
  test("come back as they were written", () => {
    fc.assert(
      fc.property(tensors, metadata, (given, notes) => {
        const decoded = decodeSafetensors(encodeSafetensors(given, notes), "test");
        expect(new Map(Object.entries(decoded.tensors))).toEqual(new Map(Object.entries(given)));
        expect(decoded.metadata).toEqual(notes);
      }),
    );
  });

  test("give the same bytes in every order, aligned to their width", () => {
    fc.assert(
      fc.property(tensors, metadata, (given, notes) => {
        const bytes = encodeSafetensors(given, notes);
        const reversed = <T>(record: Record<string, T>) =>
          Object.fromEntries(Object.entries(record).reverse());
        expect(encodeSafetensors(reversed(given), reversed(notes))).toEqual(bytes);
        const { length, header } = headerOf(bytes);
        expect(length % 8).toBe(0);
        for (const [key, { dtype, data_offsets }] of Object.entries(header)) {
          if (key !== "__metadata__") expect(data_offsets[0] % (Number(/\d+/.exec(dtype) ?? 8) / 8)).toBe(0);
        }
      }),
    );
  });

  test("are refused when the file is cut short anywhere, or is longer", () => {
    fc.assert(
      fc.property(
        tensors,
        metadata,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (given, notes, at) => {
          const bytes = encodeSafetensors(given, notes);
          const short = bytes.subarray(0, Math.floor(at * bytes.length));
          expect(() => decodeSafetensors(short, "some/file")).toThrow(/^some\/file: /);
          expect(() => decodeSafetensors(Uint8Array.from([...bytes, 0]), "some/file")).toThrow(
            /^some\/file: /,
          );
        },
      ),
    );
  });
});

describe("Python's safetensors", () => {
  const file = path.join(fixtures, "dtypes.safetensors");
  const third = Math.fround(-1 / 3);

  test("writes files that are read here, of every type", () => {
    const { tensors, metadata } = readSafetensors(file);
    const data = Object.fromEntries(Object.entries(tensors).map(([key, value]) => [key, [...value.data]]));
    expect(metadata).toEqual({ "made by": "safetensors ✓" });
    const f32 = [0, -0, 1, -2.5, 65504, 6.1035e-5, 5.9605e-8, Number.POSITIVE_INFINITY, third];
    expect(data).toEqual({
      f32: f32.map(Math.fround),
      f64: f32.map((value) => Math.fround(value) / 3),
      f16: [0, -0, 1, -2.5, 65504, 2 ** -14, 2 ** -24, Number.POSITIVE_INFINITY, -0.333251953125],
      bf16: [0, -0, 1, -2.5, 65536, 2 ** -14, 2 ** -24, Number.POSITIVE_INFINITY, -0.333984375],
      i32: [-(2 ** 31), 0, 2 ** 31 - 1],
      i64: [-(2n ** 63n), 0n, 2n ** 63n - 1n],
      u8: [0, 1, 255],
      bool: [1, 0, 1],
      scalar: [0.5],
      empty: [],
    });
    expect(tensors.scalar!.shape).toEqual([]);
    expect(tensors.empty!.shape).toEqual([0, 4]);
  });

  test("writes the very bytes that are written here", () => {
    for (const name of ["dtypes.safetensors", "neox/model.safetensors", "neox.safetensors"]) {
      const bytes = new Uint8Array(readFileSync(path.join(fixtures, name)));
      const { tensors, metadata } = decodeSafetensors(bytes, name);
      expect(Buffer.compare(encodeSafetensors(tensors, metadata), bytes)).toBe(0);
    }
  });

  test("rounds to F16 and BF16 as is done here", () => {
    const { tensors } = readSafetensors(file);
    for (const dtype of ["F16", "BF16"] as const) {
      const rounded = { x: { ...tensors.f32!, dtype } };
      expect(decodeSafetensors(encodeSafetensors(rounded), "test").tensors.x!.data).toEqual(
        tensors[dtype.toLowerCase()]!.data,
      );
    }
  });
});

describe("a narrow type", () => {
  const through = (dtype: Dtype, value: number) =>
    decodeSafetensors(encodeSafetensors({ x: { dtype, shape: [], data: Float32Array.of(value) } }), "test")
      .tensors.x!.data[0];

  test("rounds to the nearest number it holds, ties to even, and keeps NaN and infinity", () => {
    const cases: [Dtype, number, number][] = [
      ["F16", 1 + 2 ** -11, 1],
      ["F16", 1 + 3 * 2 ** -11, 1 + 2 ** -9],
      ["F16", 2 - 2 ** -12, 2],
      ["F16", 2 ** -25, 0],
      ["F16", 1.5 * 2 ** -25, 2 ** -24],
      ["F16", 65519, 65504],
      ["F16", -65520, Number.NEGATIVE_INFINITY],
      ["F16", Number.NaN, Number.NaN],
      ["BF16", 1 + 2 ** -8, 1],
      ["BF16", 1 + 3 * 2 ** -8, 1 + 2 ** -6],
      ["BF16", -3.4e38, Number.NEGATIVE_INFINITY],
      ["BF16", Number.NaN, Number.NaN],
    ];
    for (const [dtype, value, expected] of cases) expect(through(dtype, value)).toBe(expected);
  });
});

describe("a damaged file", () => {
  const good = { a: { dtype: "F32", shape: [2], data_offsets: [0, 8] } };
  const file = (header: unknown, data = 8) => {
    const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return new Uint8Array(Buffer.concat([length, text, Buffer.alloc(data)]));
  };

  test("is accepted while it is whole", () => {
    expect(decodeSafetensors(file(good), "f").tensors.a!.data).toEqual(new Float32Array(2));
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["nothing in it", new Uint8Array(0), /begins with 8 bytes of length and this one has 0/],
    ["a header longer than itself", new Uint8Array(16).fill(255), /only 8 follow/],
    ["a header that is not JSON", file("{oops"), /header is not JSON/],
    ["a header that is not UTF-8", notUtf8(), /header is not JSON/],
    ["a header that is a list", file([]), /JSON object/],
    [
      "metadata that is not text",
      file({ __metadata__: { a: 1 } }, 0),
      /__metadata__ should map names to strings/,
    ],
    [
      "a tensor without a shape",
      file({ a: { dtype: "F32", data_offsets: [0, 8] } }),
      /"a" should have one dtype, one shape/,
    ],
    ["a negative length", file({ a: { ...good.a, shape: [-2] } }), /"a" should have one dtype, one shape/],
    [
      "a type that is not read here",
      file({ a: { ...good.a, dtype: "F8_E4M3" } }),
      /"a" has type F8_E4M3, which cannot be read here; convert it/,
    ],
    [
      "a type that the format lacks",
      file({ a: { ...good.a, dtype: "toString" } }),
      /"a" has type "toString", which is not in the format/,
    ],
    [
      "a shape of another size",
      file({ a: { ...good.a, shape: [3] } }),
      /shape \[3\] needs 12 bytes and is given 8/,
    ],
    [
      "overlapping tensors",
      file({ ...good, b: { ...good.a, data_offsets: [4, 12] } }, 12),
      /"b" should begin at byte 8/,
    ],
    ["a hole", file({ a: { ...good.a, data_offsets: [8, 16] } }, 16), /"a" should begin at byte 0/],
    [
      "offsets that run backwards",
      file({ a: { ...good.a, data_offsets: [0, 8] }, b: { ...good.a, data_offsets: [8, 0] } }),
      /"b" has data_offsets 8 and 0, which run backwards/,
    ],
    ["offsets beyond its end", file(good, 7), /"a" should end at byte 8 and the file has 7/],
    ["bytes that no tensor has", file(good, 9), /end at byte 8 of the data and the file has 9/],
  ])("with %s is refused", (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, "runs/model.safetensors")).toThrow(
      /^runs\/model\.safetensors: [^\n]*\.$/,
    );
    expect(() => decodeSafetensors(bytes, "runs/model.safetensors")).toThrow(message);
  });

  function notUtf8() {
    const bytes = file('{"__metadata__":{"a":"b"}}', 0);
    bytes[bytes.indexOf(0x62)] = 0xff;
    return bytes;
  }
});

describe("a file on disk", () => {
  const one = { a: { dtype: "F32", shape: [1], data: Float32Array.of(1) } } as const;

  test("is written whole, with its folder, and nothing is left beside it", () => {
    const file = path.join(folder, "new", "x.safetensors");
    writeSafetensors(file, one, { step: "3" });
    writeSafetensors(file, one, { step: "4" });
    expect(readSafetensors(file)).toEqual({ tensors: one, metadata: { step: "4" } });
    expect(readdirSync(path.dirname(file))).toEqual(["x.safetensors"]);
  });

  test("stays as it was when writing fails", () => {
    const blocked = path.join(folder, "blocked");
    writeSafetensors(path.join(blocked, "inside", "x"), one);
    expect(() => writeSafetensors(path.join(blocked, "inside"), one)).toThrow();
    expect(readdirSync(blocked)).toEqual(["inside"]);
    expect(() =>
      writeSafetensors(path.join(blocked, "y"), {
        a: { dtype: "F32", shape: [2], data: Float32Array.of(1) },
      }),
    ).toThrow('tensor "a" of shape [2] needs 2 numbers and is given 1.');
    expect(readdirSync(blocked)).toEqual(["inside"]);
  });

  test("is named when it is missing, a folder or cut short", () => {
    const missing = path.join(folder, "missing.safetensors");
    expect(() => readSafetensors(missing)).toThrow(`${missing}: there is no such file`);
    expect(() => readSafetensors(folder)).toThrow(`${folder}: the safetensors file could not be read`);
    const short = path.join(folder, "short.safetensors");
    writeFileSync(short, readFileSync(path.join(fixtures, "neox/model.safetensors")).subarray(0, 20_000));
    expect(() => readSafetensors(short)).toThrow(`${short}: the data of tensor `);
  });

  test("is not written with what no reader would take", () => {
    const data = Float32Array.of(1);
    const encode = (name: string, shape: number[], metadata?: Record<string, string>) => () =>
      encodeSafetensors({ [name]: { dtype: "F32", shape, data } }, metadata);
    expect(encode("a", [-1, -1])).toThrow(
      'tensor "a" should have a shape of whole numbers from 0 and has [-1, -1].',
    );
    expect(encode("a", [0.5, 2])).toThrow("whole numbers from 0 and has [0.5, 2].");
    expect(encode("a\ud800", [1])).toThrow("has an unpaired surrogate");
    expect(encode("a", [1], { b: "\udc00" })).toThrow("has an unpaired surrogate");
    expect(encode("a", [1], { b: "x".repeat(100_000_000) })).toThrow(
      /the format allows 100000000: write several/,
    );
    expect(encode("__metadata__", [1])).toThrow("the format keeps that name for itself");
  });

  test("is refused for an array of another type than its dtype", () => {
    const wrong = { a: { dtype: "I64", shape: [1], data: Int32Array.of(1) } } as const;
    expect(() => encodeSafetensors(wrong)).toThrow(
      'tensor "a" of type I64 should be given as a BigInt64Array.',
    );
  });
});

function headerOf(bytes: Uint8Array) {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  return { length, header: header as Record<string, { dtype: string; data_offsets: [number, number] }> };
}
