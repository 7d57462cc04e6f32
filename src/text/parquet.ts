import type { Compressors } from "hyparquet";
import { ROW_FIELDS } from "./row.ts";

/** The most rows of a file, the most bytes of a group's columns, and the most bytes of a page. */
const LIMITS = { rows: 5_000_000, group: 4e9, page: 512e6 } as const;

/**
 * The rows of a Parquet file as plain objects with the fields that rows are made of; fields without a value are left out.
 * One group of rows is in memory at a time. Throws if the file is not Parquet, or announces sizes beyond the limits.
 */
export async function* parquetObjects(file: string): AsyncGenerator<Record<string, unknown>> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  const buffer = await asyncBufferFromFile(file);
  const metadata = await parquetMetadataAsync(buffer);
  if (metadata.num_rows > LIMITS.rows) throw new Error(`it has more than ${LIMITS.rows} rows`);
  const names = new Set(metadata.row_groups.flatMap(({ columns }) => columns.map((one) => nameOf(one))));
  const columns = ROW_FIELDS.filter((name) => names.has(name));
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const used = group.columns.filter((one) => columns.includes(nameOf(one)));
    const size = used.reduce(
      (sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0),
      0,
    );
    if (size > LIMITS.group)
      throw new Error(`a group of its rows has ${size} bytes, and at most ${LIMITS.group} are read`);
    const rowEnd = rowStart + Number(group.num_rows);
    const options = { file: buffer, metadata, columns, rowStart, rowEnd, compressors: bounded(compressors) };
    const rows = columns.length === 0 ? [] : await parquetReadObjects(options);
    for (const row of rows) yield plain(row) as Record<string, unknown>;
    rowStart = rowEnd;
  }
}

const nameOf = ({ meta_data }: { meta_data?: { path_in_schema: string[] } }): string =>
  meta_data?.path_in_schema[0] ?? "";

/** The same decompressors, which refuse a page whose announced size is too large. */
function bounded(compressors: Compressors): Compressors {
  const entries = Object.entries(compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, size: number) => {
      if (size > LIMITS.page)
        throw new Error(`one of its pages has ${size} bytes, and at most ${LIMITS.page} are read`);
      return decompress(input, size);
    },
  ]);
  return Object.fromEntries(entries);
}

/** A value as JSON has it: whole numbers as numbers, and without what has no value. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== null && one !== undefined);
  return Object.fromEntries(entries.map(([name, one]) => [name, plain(one)]));
}
