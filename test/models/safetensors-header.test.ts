import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../../src/models/safetensors.ts";
import { headerLength, LONGEST_HEADER, parseHeader } from "../../src/models/safetensors-header.ts";
import { compareReaders } from "./safetensors-mutations.ts";

const fail = (problem: string): never => {
  throw new Error(`the file: ${problem}`);
};
const parse = (header: string | Uint8Array, dataLength: number) =>
  parseHeader(typeof header === "string" ? Buffer.from(header) : header, dataLength, fail);
const tensor = (shape: string, to: number) => `{"dtype":"F32","shape":${shape},"data_offsets":[0,${to}]}`;

describe("compared with the reference reader", () => {
  const file = path.join(import.meta.dirname, "fixtures", "safetensors-mutations.json");

  test("2,500 damaged files are taken or refused alike, and those taken have the same contents", () => {
    const { counts, examples } = compareReaders(JSON.parse(readFileSync(file, "utf8")));
    expect(examples).toEqual([]);
    expect(counts.files).toBe(2500);
    expect(counts.taken).toBeGreaterThan(400);
  });

  test.each([
    ["white space around the header", ` \n${`{"a":${tensor("[2]", 8)}}`}\t `],
    ["an unknown field", `{"a":{"note":{"x":1,"x":-2.5},"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`],
    ["metadata that is null", `{"__metadata__":null,"a":${tensor("[2]", 8)}}`],
    ["a name twice, the last of which fits", `{"a":${tensor("[3]", 12)},"a":${tensor("[2]", 8)}}`],
    ["a tensor as a list", '{"a":["F32",[2],[0,8]]}'],
    ["a type as a member", '{"a":{"dtype":{"F32":null},"shape":[2],"data_offsets":[0,8]}}'],
  ])("%s is taken", (_, header) => {
    const { places } = parse(header, 8);
    expect(places).toEqual([{ name: "a", dtype: "F32", shape: [2], from: 0, to: 8 }]);
  });

  test.each([
    [
      "a byte-order mark",
      `\ufeff{"a":${tensor("[2]", 8)}}`,
      /not JSON \(unexpected "\\ufeff" at character 1\)/,
    ],
    [
      "a shape beyond 64 bits with a 0",
      `{"a":${tensor("[4294967296,4294967296,0]", 0)}}`,
      /larger than any file/,
    ],
    ["a size in bits beyond 64 bits", `{"a":${tensor("[1152921504606846976]", 0)}}`, /larger than any file/],
    ["a length of -0", `{"a":${tensor("[-0]", 0)}}`, /one dtype, one shape/],
    ["a length of 2.0", `{"a":${tensor("[2.0]", 8)}}`, /one dtype, one shape/],
    ["a length of 2e0", `{"a":${tensor("[2e0]", 8)}}`, /one dtype, one shape/],
    ["metadata twice", `{"__metadata__":{},"__metadat\\u0061__":{}}`, /__metadata__ twice/],
    [
      "a field twice",
      `{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}`,
      /one dtype, one shape/,
    ],
    [
      "a name twice, the first of which is no tensor",
      `{"a":{},"a":${tensor("[2]", 8)}}`,
      /one dtype, one shape/,
    ],
    ["metadata with a number", '{"__metadata__":{"a":1.5}}', /should map names to strings/],
    ["an unpaired surrogate", `{"\\ud800":${tensor("[2]", 8)}}`, /unpaired surrogate/],
    [
      "a number beyond float64",
      `{"a":{"x":1e999,"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`,
      /float64/,
    ],
    ["128 levels", `{"a":{"x":${"[".repeat(126)}${"]".repeat(126)}}}`, /more than 127 levels/],
  ])("%s is refused", (_, header, message) => {
    expect(() => parse(header, 8)).toThrow(message);
    expect(() => parse(header, 8)).toThrow(/^the file: [^\n]*\.$/);
  });
});

describe("a header", () => {
  test("of more than 100 MB is refused before it is read", () => {
    const start = Buffer.alloc(8);
    start.writeBigUInt64LE(BigInt(LONGEST_HEADER));
    expect(headerLength(start, 8 + LONGEST_HEADER, fail)).toBe(LONGEST_HEADER);
    start.writeBigUInt64LE(BigInt(LONGEST_HEADER + 1));
    expect(() => headerLength(start, 2 ** 31, fail)).toThrow(
      /is 100000001 bytes long and the format allows 100000000/,
    );
  });

  test("of millions of values, or of one long number, is refused in bounded time", () => {
    const long = (text: string) => Buffer.concat([Buffer.from('{"a":['), Buffer.alloc(13_000_000, text)]);
    const begin = performance.now();
    expect(() => parse(long("[],"), 0)).toThrow(/more than 4000000 values/);
    expect(() => parse(long("["), 0)).toThrow(/more than 127 levels/);
    expect(() => parse(long("9"), 0)).toThrow(/a number beyond float64/);
    expect(() => parse(long('\\"'), 0)).toThrow(/not JSON/);
    expect(performance.now() - begin).toBeLessThan(20_000);
  });

  test("with a length that no number holds is refused by name", () => {
    expect(() => parse(`{"a":${tensor("[0,9007199254740993]", 0)}}`, 0)).toThrow(
      'the file: tensor "a" has a length of 9007199254740993, and lengths are read up to 2^53 - 1.',
    );
  });

  test("with a long, many-lined or commanding name is refused in one short line", () => {
    const name = `\n\u001b]0;title\u0007\u202e${"x".repeat(100_000)}`;
    const message = /^the file: tensor "\\n\\u001b\]0;title\\u0007\\u202ex{60,80}…" should have [^\n]*\.$/;
    expect(() => parse(JSON.stringify({ [name]: {} }), 0)).toThrow(message);
    expect(() => parse(`{"a":${tensor(JSON.stringify(Array(1000).fill(1)), 8)}}`, 8)).toThrow(
      /shape \[1(, 1){15}, …\] needs 4 bytes and is given 8/,
    );
  });

  test("with names of object methods gives tensors of those names and changes no prototype", () => {
    const one = { dtype: "F32", shape: [1], data: Float32Array.of(1) } as const;
    const bytes = encodeSafetensors(
      Object.fromEntries(["__proto__", "constructor"].map((name) => [name, one])),
    );
    const { tensors } = decodeSafetensors(bytes, "f");
    expect(Object.keys(tensors).sort()).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(tensors)).toBe(Object.prototype);
    expect("dtype" in {}).toBe(false);
  });
});
