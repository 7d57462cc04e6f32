import { parseJson } from "../files/json.ts";
import { ROW_FIELDS } from "./row.ts";
import { ROW_LIMITS } from "./rows.ts";

/** A row of a CSV file: an object, or what is wrong with it. */
export interface CsvRow {
  /** The line on which it begins, from 1. */
  readonly line: number;
  readonly value?: Record<string, unknown>;
  readonly problem?: string;
}

/**
 * The rows of CSV text that comes in pieces; the first one names the fields. Empty cells are left out. Cells that hold JSON
 * lists or objects are read as such: conversations, `info` and `summaries`; `choice` is a number.
 */
export async function* csvRows(pieces: AsyncIterable<string>, delimiter: string): AsyncGenerator<CsvRow> {
  const { parse } = await import("csv-parse");
  const { Readable } = await import("node:stream");
  const broken: CsvRow[] = [];
  const parser = Readable.from(pieces).pipe(
    parse({
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      max_record_size: ROW_LIMITS.line,
      skip_empty_lines: true,
      skip_records_with_error: true,
      on_skip: (error) => {
        const line = Number((error as { lines?: number } | undefined)?.lines ?? 0);
        if (broken.at(-1)?.line !== line)
          broken.push({
            line,
            problem: `not valid CSV (${error?.message}); mend its quotes, within which rows below may be.`,
          });
        return undefined;
      },
    }),
  );
  let header: string[] | undefined;
  let line = 1;
  for await (const { record, info } of parser as AsyncIterable<{
    record: string[];
    info: { lines: number };
  }>) {
    // The parser reads ahead of the rows that it has given.
    while (broken[0] !== undefined && broken[0].line < line) yield broken.shift()!;
    if (header === undefined) header = record.map((name) => name.trim());
    else yield { line, ...rowOf(header, record) };
    line = info.lines + 1;
  }
  yield* broken;
}

function rowOf(header: readonly string[], cells: readonly string[]): Omit<CsvRow, "line"> {
  if (cells.length !== header.length) {
    return {
      problem: `has ${cells.length} cells, and the first line names ${header.length} columns; mend it.`,
    };
  }
  const entries = header.flatMap((name, index): [string, unknown][] => {
    const cell = cells[index]!;
    return cell === "" || !ROW_FIELDS.includes(name) ? [] : [[name, cellValue(name, cell)]];
  });
  return { value: Object.fromEntries(entries) };
}

function cellValue(name: string, cell: string): unknown {
  if (name === "choice") return Number(cell);
  if (!/^\s*(?:\[\s*\{|\{)/.test(cell)) return cell;
  try {
    return parseJson(cell);
  } catch {
    return cell;
  }
}
