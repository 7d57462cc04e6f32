import { parseJson } from "../files/json.ts";
import { quoted } from "../files/quoted.ts";

/*
 * The header of a safetensors file is accepted exactly where the reference reader (the Rust crate) accepts it: where that
 * is laxer or stricter than JSON.parse or than the format's description, this follows the reader, as a comment says.
 */

/** Bytes per element of the supported types, in the order in which the format's own writer ranks them. */
export const BYTES = { BOOL: 1, U8: 1, F16: 2, BF16: 2, I32: 4, F32: 4, F64: 8, I64: 8 } as const;

/** The data types that can be read and written. */
export type Dtype = keyof typeof BYTES;

/** The supported types, in the order in which the format's own writer ranks them. */
export const DTYPES = Object.keys(BYTES) as Dtype[];

/** The format's other types. */
const OTHER_DTYPES: readonly string[] = [
  ..."F4 F6_E2M3 F6_E3M2 I8 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ I16 U16 U32 C64 U64".split(" "),
];

/** The name under which a header keeps its metadata. */
export const METADATA = "__metadata__";

/** The longest header in bytes. */
export const LONGEST_HEADER = 100_000_000;

/** Where a tensor lies in a file, and what its bytes mean. */
export interface TensorPlace {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Its first byte, counted from the end of the header. */
  readonly from: number;
  /** The byte after its last, counted from the end of the header. */
  readonly to: number;
}

/** Throws an error that names the file. */
export type Fail = (problem: string) => never;

/** The header's length in bytes, from a file's first 8 bytes. Fails if a file of `fileLength` bytes cannot hold it. */
export function headerLength(start: Uint8Array, fileLength: number, fail: Fail): number {
  if (fileLength < 8)
    fail(`a safetensors file begins with 8 bytes of length and this one has ${fileLength}.`);
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  const available = fileLength - 8;
  if (length > available) {
    fail(
      `the safetensors header should be ${length} bytes long and only ${available} follow; ` +
        "the file is cut short or is not a safetensors file.",
    );
  }
  if (length > LONGEST_HEADER) {
    fail(
      `the safetensors header is ${length} bytes long and the format allows ${LONGEST_HEADER}; ` +
        "split the tensors into several files.",
    );
  }
  return length;
}

/**
 * The metadata and the tensors, by offset, of a file's header. Fails if the header is not in the format, or if the tensors
 * do not fill the `dataLength` bytes after it, each beginning where the one before ends.
 */
export function parseHeader(
  bytes: Uint8Array,
  dataLength: number,
  fail: Fail,
): { metadata: Record<string, string>; places: TensorPlace[] } {
  const { metadata, tensors } = headerMembers(bytes, fail);
  const described = tensors.map(([name, value]) => [name, description(name, value, fail)] as const);
  // A later tensor replaces an earlier one of its name, as in the reader.
  const places = Array.from(new Map(described), ([name, one]) => tensorPlace(name, one, fail));
  places.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { name, from, to } of places) {
    const label = `tensor ${quoted(name)}`;
    if (from !== end)
      fail(`${label} should begin at byte ${end} of the data and is given as ${from} to ${to}.`);
    if (to > dataLength) {
      fail(
        `the data of ${label} should end at byte ${to} and the file has ${dataLength}; ` +
          "it is cut short, so fetch or write it again.",
      );
    }
    end = to;
  }
  if (end !== dataLength) {
    fail(
      `the tensors end at byte ${end} of the data and the file has ${dataLength}; fetch or write it again.`,
    );
  }
  return { metadata, places };
}

/** A JSON object as its members, since what a repeated name means depends on the object. */
class Members {
  constructor(readonly entries: readonly [string, unknown][]) {}
}

/** A whole number exactly, and NaN for any other, such as 1.0 and -0: the reader takes neither for a length. */
function wholeNumber(digits: string): number | bigint {
  if (!/^\d+$/.test(digits)) return Number.NaN;
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
}

/** The metadata, and the header's other members, which are tensors. */
function headerMembers(bytes: Uint8Array, fail: Fail) {
  let parsed: unknown;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    // serde_json allows 127 levels.
    const object = (entries: [string, unknown][]) => new Members(entries);
    parsed = parseJson(text, { depth: 127, object, number: wholeNumber });
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : "it is not UTF-8";
    return fail(
      `the safetensors header is not JSON (${reason}); the file is damaged or is not a safetensors file.`,
    );
  }
  if (!(parsed instanceof Members)) return fail("the safetensors header should be a JSON object of tensors.");
  const notes = parsed.entries.filter(([name]) => name === METADATA);
  if (notes.length > 1) fail(`the safetensors header has ${METADATA} twice; write the file again.`);
  const given = notes[0]?.[1] ?? new Members([]);
  if (!(given instanceof Members) || !given.entries.every(([, note]) => typeof note === "string")) {
    return fail(`the safetensors header's ${METADATA} should map names to strings.`);
  }
  return {
    metadata: Object.fromEntries(given.entries) as Record<string, string>,
    tensors: parsed.entries.filter(([name]) => name !== METADATA),
  };
}

const FIELDS = ["dtype", "shape", "data_offsets"];

/** The three fields of a tensor's member, which the reader also takes from a list. Unknown fields are ignored. */
function fieldsOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value.length === FIELDS.length ? value : undefined;
  if (!(value instanceof Members)) return undefined;
  const known = value.entries.filter(([name]) => FIELDS.includes(name));
  const byName = new Map(known);
  return byName.size === FIELDS.length && known.length === FIELDS.length
    ? FIELDS.map((name) => byName.get(name))
    : undefined;
}

/** The name of a type: text or, which the reader also takes, an object of that name and null. */
function typeName(value: unknown): unknown {
  const [first, second] = value instanceof Members ? value.entries : [];
  return first?.[1] === null && second === undefined ? first[0] : value;
}

type Count = number | bigint;

/** What a header says of a tensor. */
interface Description {
  readonly dtype: string;
  readonly shape: readonly Count[];
  readonly offsets: readonly Count[];
}

function description(name: string, value: unknown, fail: Fail): Description {
  const label = `tensor ${quoted(name)}`;
  const [type, shape, offsets] = fieldsOf(value) ?? [];
  const dtype = typeName(type);
  if (typeof dtype !== "string" || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    return fail(`${label} should have one dtype, one shape and two data_offsets in the header.`);
  }
  if (!isDtype(dtype) && !OTHER_DTYPES.includes(dtype)) {
    fail(
      `${label} has type ${quoted(dtype)}, which is not in the format; it has ${DTYPES.join(", ")} and others.`,
    );
  }
  return { dtype, shape, offsets };
}

function tensorPlace(name: string, { dtype, shape, offsets }: Description, fail: Fail): TensorPlace {
  const label = `tensor ${quoted(name)}`;
  if (!isDtype(dtype)) {
    return fail(
      `${label} has type ${dtype}, which cannot be read here; convert it to one of ${DTYPES.join(", ")}.`,
    );
  }
  const [from, to] = [BigInt(offsets[0]!), BigInt(offsets[1]!)];
  if (from > to) fail(`${label} has data_offsets ${from} and ${to}, which run backwards.`);
  const described = `of type ${dtype} and shape ${shapeText(shape)}`;
  const size = sizeInBytes(shape, BYTES[dtype]);
  if (size === undefined) fail(`${label} ${described} is larger than any file; write the file again.`);
  if (to - from !== size) fail(`${label} ${described} needs ${size} bytes and is given ${to - from}.`);
  const long = shape.find((length) => typeof length === "bigint");
  if (long !== undefined) fail(`${label} has a length of ${long}, and lengths are read up to 2^53 - 1.`);
  return { name, dtype, shape: shape as number[], from: Number(from), to: Number(to) };
}

const isDtype = (name: string): name is Dtype => Object.hasOwn(BYTES, name);

const MOST = 2n ** 64n - 1n;

function isCounts(value: unknown): value is Count[] {
  const isCount = (one: unknown) => Number.isSafeInteger(one) || (typeof one === "bigint" && one <= MOST);
  return Array.isArray(value) && value.every(isCount);
}

/** The size of a tensor; undefined if a product on the way to its size in bits exceeds 64 bits, even if a 0 follows. */
function sizeInBytes(shape: readonly Count[], width: number): bigint | undefined {
  let elements = 1n;
  for (const length of shape) {
    elements *= BigInt(length);
    if (elements > MOST) return undefined;
  }
  return elements * BigInt(8 * width) > MOST ? undefined : elements * BigInt(width);
}

function shapeText(shape: readonly Count[]): string {
  return shape.length <= 16 ? `[${shape.join(", ")}]` : `[${shape.slice(0, 16).join(", ")}, …]`;
}
