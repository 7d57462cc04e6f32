import { isObject, method, property } from "./probe.ts";
import type { TableLike } from "./table.ts";

type Row = Record<string, unknown>;

/** Rows that are looked at to find the columns. */
const EXAMINED = 1000;
/** The most columns of a table. Objects with more properties are better read as text. */
const MOST_COLUMNS = 50;
/** The most characters of a cell. */
const LONGEST_TEXT = 300;

/** Whether a value is an object that a literal or JSON makes. */
function isRecord(value: unknown): value is Row {
  if (!isObject(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The names of the properties of records, if the records have mostly the same ones. */
function columnsOf(records: readonly Row[]): string[] | undefined {
  const names = new Set<string>();
  let count = 0;
  for (const record of records) {
    for (const name of Object.keys(record)) names.add(name);
    count += Object.keys(record).length;
    if (names.size > MOST_COLUMNS) return undefined;
  }
  return names.size > 0 && 2 * count >= names.size * records.length ? [...names] : undefined;
}

const shorten = (value: unknown): unknown =>
  typeof value === "string" && value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value;

/** A table of the first rows, without labels of rows. */
function partialTable(columns: readonly string[], values: readonly unknown[][], total: number): TableLike {
  return {
    columns,
    index: values.map((_, row) => row),
    values: values.map((row) => row.map(shorten)),
    total,
  };
}

const valuesOf = (record: Row, columns: readonly string[]) => columns.map((name) => property(record, name));

function arrayTable(array: readonly unknown[], rows: number): TableLike | undefined {
  const examined = array.slice(0, EXAMINED);
  if (examined.length === 0 || !examined.every(isRecord)) return undefined;
  const columns = columnsOf(examined as Row[]);
  if (!columns) return undefined;
  const shown = (array.slice(0, rows) as unknown[]).map((each) =>
    isObject(each) ? valuesOf(each as Row, columns) : columns.map(() => undefined),
  );
  return partialTable(columns, shown, array.length);
}

/** The first entries of an iterable. */
function take<T>(values: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const value of values) {
    if (taken.length >= count) break;
    taken.push(value);
  }
  return taken;
}

function mapTable(map: ReadonlyMap<unknown, unknown>, rows: number): TableLike | undefined {
  if (map.size === 0) return undefined;
  const values = take(map.values(), EXAMINED);
  const columns = values.every(isRecord) ? columnsOf(values as Row[]) : undefined;
  const shown = take(map, rows).map(([key, value]) => [
    key,
    ...(columns && isObject(value) ? valuesOf(value as Row, columns) : [value]),
  ]);
  return partialTable(["key", ...(columns ?? ["value"])], shown, map.size);
}

/** A column of an Apache Arrow table. */
interface Vector {
  get(row: number): unknown;
}

/** A table of Apache Arrow, of any copy and recent version of it. */
function arrowTable(value: object, rows: number): TableLike | undefined {
  const total = property(value, "numRows");
  const fields = property(Object(property(value, "schema")), "fields");
  const column = method(value, "getChildAt");
  if (typeof total !== "number" || !Array.isArray(fields) || !column) return undefined;
  const columns = fields.slice(0, MOST_COLUMNS).map(({ name }: { name: unknown }) => String(name));
  const vectors = columns.map((_, index) => column(index) as Vector | null);
  const shown = Array.from({ length: Math.min(rows, total) }, (_, row) =>
    vectors.map((vector) => vector?.get(row)),
  );
  return partialTable(columns, shown, total);
}

/** A data frame with the methods that Deno's kernel looks for, such as one of Polars. */
function dataFrameTable(value: object, rows: number): TableLike | undefined {
  const head = method(value, "head");
  if (!isObject(property(value, "schema")) || !head || !method(value, "toRecords")) return undefined;
  const first = head(rows);
  const records = isObject(first) ? method(first, "toRecords")?.() : undefined;
  const table = Array.isArray(records) ? arrayTable(records, rows) : undefined;
  const total = property(value, "height");
  return table && typeof total === "number" ? { ...table, total } : table;
}

/** A value as a table, if it is a list of records, a map or a table of Apache Arrow, with the first `rows` rows. */
export function tableOf(value: unknown, rows: number): TableLike | undefined {
  if (!isObject(value)) return undefined;
  if (Array.isArray(value)) return arrayTable(value, rows);
  if (value instanceof Map) return mapTable(value, rows);
  return arrowTable(value, rows) ?? dataFrameTable(value, rows);
}
