/*
 * Long arrays of few distinct numbers, as gold rewards are, take one character per number in a ledger, and rows of
 * numbers name their columns once.
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const PLACES = new Map(Array.from(ALPHABET, (letter, place) => [letter, place]));
const SHORTEST = 16;
const DIGITS = 4;

/** An array of numbers: its distinct values, and one character per element that names one of them. */
interface Packed {
  readonly values: readonly number[];
  readonly at: string;
}

/** Rows of numbers under the same names, by column. */
interface Columns {
  readonly columns: Readonly<Record<string, readonly number[]>>;
}

/** Plain data with numbers rounded to four decimals, and with rows and long arrays of few distinct numbers packed. */
export function packed(value: unknown): unknown {
  if (typeof value === "number") return rounded(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return packedArray(value) ?? packedRows(value) ?? value.map(packed);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, packed(part)]));
}

/** The inverse of `packed`, except for rounding. */
export function unpacked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpacked);
  if (typeof value !== "object" || value === null) return value;
  if (isColumns(value)) return rowsOf(value);
  if (isPacked(value)) return unpackedArray(value);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, unpacked(part)]));
}

function packedArray(array: readonly unknown[]): Packed | undefined {
  if (array.length < SHORTEST || !array.every((one) => typeof one === "number")) return undefined;
  const numbers = array.map(rounded);
  const values = [...new Set(numbers)].sort((a, b) => a - b);
  if (values.length > ALPHABET.length) return undefined;
  const letters = new Map(values.map((value, index) => [value, ALPHABET[index]!]));
  return { values, at: numbers.map((number) => letters.get(number)!).join("") };
}

function unpackedArray({ values, at }: Packed): number[] {
  return Array.from(at, (letter) => {
    const value = values[PLACES.get(letter) ?? -1];
    if (value === undefined) throw new Error(`A packed array has no value for its letter "${letter}".`);
    return value;
  });
}

function packedRows(array: readonly unknown[]): Columns | undefined {
  const [first] = array;
  if (array.length < 2 || typeof first !== "object" || first === null || Array.isArray(first))
    return undefined;
  const names = Object.keys(first);
  const alike = array.every(
    (row) =>
      typeof row === "object" &&
      row !== null &&
      Object.keys(row).join() === names.join() &&
      Object.values(row).every((one) => typeof one === "number"),
  );
  if (!alike || names.length === 0) return undefined;
  const rows = array as readonly Readonly<Record<string, number>>[];
  return { columns: Object.fromEntries(names.map((name) => [name, rows.map((row) => rounded(row[name]!))])) };
}

function rowsOf({ columns }: Columns): Record<string, number>[] {
  const [first] = Object.values(columns);
  if (first === undefined) throw new Error("Packed rows have no columns.");
  return first.map((_, at) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[at]!])),
  );
}

function isColumns(value: object): value is Columns {
  return "columns" in value && Object.keys(value).length === 1;
}

function isPacked(value: object): value is Packed {
  return "values" in value && "at" in value && typeof value.at === "string";
}

function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toFixed(DIGITS));
}
