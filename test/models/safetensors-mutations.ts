import { createHash } from "node:crypto";
import { decodeSafetensors, type TensorFile } from "../../src/models/safetensors.ts";

/** Damaged files and what the reference reader says of them; see fixtures/make_safetensors_mutations.py. */
export interface Mutations {
  readonly seeds: readonly string[];
  readonly rows: readonly Row[];
}

type Edit = readonly [start: number, removed: number, inserted: string];
type Row = readonly [
  seed: number,
  prefix: string | 0,
  edit: Edit | 0,
  length: number,
  verdict: string | 0 | 1,
];

/** How many files both readers take with equal contents, and how many of each disagreement. */
export function compareReaders({ seeds, rows }: Mutations) {
  const counts = {
    files: 0,
    taken: 0,
    unsupported: 0,
    onlyHere: 0,
    onlyThere: 0,
    otherContents: 0,
    faults: 0,
  };
  const examples: string[] = [];
  for (const row of rows) {
    const outcome = outcomeOf(fileOf(row, seeds), row[4]);
    counts.files++;
    if (outcome === "refused") continue;
    counts[outcome]++;
    if (!["taken", "unsupported"].includes(outcome)) examples.push(`${outcome}: ${JSON.stringify(row)}`);
  }
  return { counts, examples };
}

function fileOf([seed, prefix, edit, length]: Row, seeds: readonly string[]): Uint8Array {
  const before = Buffer.from(seeds[seed] ?? "", "latin1");
  const [start, removed, inserted] = edit || [0, 0, ""];
  const header = Buffer.concat([
    before.subarray(0, start),
    Buffer.from(inserted, "latin1"),
    before.subarray(start + removed),
  ]);
  const own = Buffer.alloc(8);
  own.writeBigUInt64LE(BigInt(header.length));
  const data = Uint8Array.from({ length }, (_, index) => 37 * index + 11);
  return Buffer.concat([prefix === 0 ? own : Buffer.from(prefix, "latin1"), header, data]);
}

/** What comes of a file, given the reference reader's verdict on it. */
function outcomeOf(file: Uint8Array, verdict: Row[4]) {
  let read: TensorFile;
  try {
    read = decodeSafetensors(file, "some/file");
  } catch (error) {
    const message = error instanceof Error && error.name === "Error" ? error.message : "";
    if (!/^some\/file: [^\n]*\.$/.test(message)) return "faults";
    if (verdict === 1 && /cannot be read here|lengths are read up to/.test(message)) return "unsupported";
    return verdict === 0 ? "refused" : "onlyThere";
  }
  if (verdict === 0) return "onlyHere";
  return digestOf(read) === verdict ? "taken" : "otherContents";
}

const inBytes = ([a]: [string, unknown], [b]: [string, unknown]) =>
  Buffer.compare(Buffer.from(a), Buffer.from(b));

function digestOf({ tensors, metadata }: TensorFile): string {
  const digest = createHash("sha256");
  for (const [name, { dtype, shape, data }] of Object.entries(tensors).sort(inBytes)) {
    digest.update(JSON.stringify([name, dtype, shape]));
    const isHalf = dtype === "F16" || dtype === "BF16";
    digest.update(isHalf ? Float32Array.from(data as Float32Array, oneNaN) : data);
  }
  digest.update(JSON.stringify(Object.entries(metadata).sort(inBytes)));
  return digest.digest("hex").slice(0, 8);
}

const oneNaN = (value: number) => (Number.isNaN(value) ? Number.NaN : value);
