/** A table for where danfojs-node is not installed: the properties of its tables that are shown. */
export interface PlainTable {
  readonly columns: readonly string[];
  readonly index: readonly number[];
  readonly values: readonly (readonly unknown[])[];
  readonly shape: readonly [rows: number, columns: number];
  /** The table as text, a line for each row. */
  toString(): string;
  /** Prints that text. */
  print(): void;
}

/** A table of rows of cells. */
export function plainTable(columns: readonly string[], values: readonly (readonly unknown[])[]): PlainTable {
  const text = () => {
    const rows = [columns, ...values].map((row) => row.map((cell) => String(cell ?? "")));
    const widths = columns.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
    return rows
      .map((row) =>
        row
          .map((cell, at) => cell.padEnd(widths[at]!))
          .join("  ")
          .trimEnd(),
      )
      .join("\n");
  };
  return {
    columns,
    index: values.map((_, row) => row),
    values,
    shape: [values.length, columns.length],
    toString: text,
    print: () => console.log(text()),
  };
}
