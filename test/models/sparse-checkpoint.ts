import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";

/* Checkpoints of any size that take no space: the files have holes where weights of zero would be. */

/** Bytes per number of the types that are written here. */
const WIDTHS = { F16: 2, BF16: 2, F32: 4 } as const;

export interface SparseOptions {
  readonly config: object;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly dtype: keyof typeof WIDTHS;
  /** The most bytes of a shard; one file without it. */
  readonly shard?: number;
  /** Bytes at the end of the last tensor. */
  readonly end?: Uint8Array;
}

/** Writes config.json and one safetensors file, or shards with their index. */
export function writeSparseCheckpoint(folder: string, options: SparseOptions): void {
  const { config, shapes, dtype, shard = Number.POSITIVE_INFINITY, end } = options;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "config.json"), JSON.stringify(config));
  const shards: { size: number; header: Record<string, object> }[] = [];
  for (const [name, shape] of Object.entries(shapes)) {
    const bytes = shape.reduce((product, length) => product * length, WIDTHS[dtype]);
    let last = shards.at(-1);
    if (last === undefined || last.size + bytes > shard) {
      last = { size: 0, header: {} };
      shards.push(last);
    }
    last.header[name] = { dtype, shape, data_offsets: [last.size, last.size + bytes] };
    last.size += bytes;
  }
  const of = String(shards.length).padStart(5, "0");
  const names = shards.map((_, index) =>
    shards.length === 1
      ? "model.safetensors"
      : `model-${String(index + 1).padStart(5, "0")}-of-${of}.safetensors`,
  );
  for (const [index, { size, header }] of shards.entries()) {
    const handle = openSync(path.join(folder, names[index]!), "w");
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    writeSync(handle, Buffer.concat([length, text]), 0, 8 + text.length, 0);
    const whole = 8 + text.length + size;
    ftruncateSync(handle, whole);
    if (end !== undefined && index === shards.length - 1)
      writeSync(handle, end, 0, end.length, whole - end.length);
    closeSync(handle);
  }
  if (shards.length === 1) return;
  const entries = shards.flatMap(({ header }, index) =>
    Object.keys(header).map((name) => [name, names[index]]),
  );
  const index = { metadata: {}, weight_map: Object.fromEntries(entries) };
  writeFileSync(path.join(folder, "model.safetensors.index.json"), JSON.stringify(index));
}
