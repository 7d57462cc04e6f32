import { inspect } from "node:util";
import { escapeHtml } from "./escape.ts";
import type { MimeBundle } from "./mime-bundle.ts";
import { isObject, property } from "./probe.ts";
import { visibleText } from "./visible.mjs";

/** The used properties of a danfojs DataFrame (`values` is a list of rows) or Series (`values` is a list of values). */
export interface TableLike {
  readonly columns: readonly (string | number)[];
  readonly index: readonly (string | number)[];
  readonly values: readonly unknown[];
  /** The number of all rows, if `values` has only the first ones. */
  readonly total?: number;
}

export interface TableOptions {
  /** A short title. */
  caption?: string;
  /** The most rows to show, default 30. A note below the table says how many there are. */
  rows?: number;
  /** The most decimals of a number, default 3. */
  digits?: number;
}

/** Whether a value is a danfojs DataFrame or Series, or has their properties. */
export const isTable = (value: unknown): value is TableLike =>
  isObject(value) && ["columns", "index", "values"].every((name) => Array.isArray(property(value, name)));

/** The most rows that the options ask to show. @throws {RangeError} if it is not a whole number in its range */
export const rowLimit = (options: TableOptions): number => checkOption("rows", options.rows ?? 30, 100_000);

interface Grid {
  header: string[];
  /** Row labels, or undefined if the index is 0, 1, 2… */
  labels: string[] | undefined;
  cells: string[][];
  numeric: boolean[];
  note: string;
}

const missing = (value: unknown) => value === null || value === undefined;

/** The number of decimals that a number needs, at most `digits`; `digits` if it would be rounded to zero. */
function decimalsNeeded(value: number, digits: number): number {
  if (!Number.isFinite(value)) return 0;
  const rounded = Number(value.toFixed(digits));
  return rounded === 0 && value !== 0 ? digits : (String(rounded).split(".")[1]?.length ?? 0);
}

function formatNumber(value: number, decimals: number, digits: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) {
    return Number.isFinite(value) ? value.toFixed(decimals) : String(value);
  }
  const size = Math.abs(value);
  const fits = size >= 0.5 * 10 ** -digits && size < 1e9;
  return fits ? value.toFixed(decimals) : value.toExponential(Math.max(digits - 1, 0));
}

/** Formats a column. All its numbers have the same number of decimals, the largest that one of them needs. */
function formatColumn(values: readonly unknown[], digits: number): { numeric: boolean; texts: string[] } {
  const present = values.filter((value) => !missing(value));
  const numeric = present.length > 0 && present.every((v) => typeof v === "number" || typeof v === "bigint");
  const decimals = Math.max(
    0,
    ...present.map((v) => (typeof v === "number" ? decimalsNeeded(v, digits) : 0)),
  );
  const texts = values.map((value) => {
    if (missing(value)) return "–";
    if (typeof value === "number") return formatNumber(value, decimals, digits).replace(/^-/, "−");
    if (value instanceof Date) return value.toISOString();
    const text =
      typeof value === "object" ? inspect(value, { breakLength: Number.POSITIVE_INFINITY }) : String(value);
    return visibleText(text);
  });
  return { numeric, texts };
}

function checkOption(name: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new RangeError(`show: the option ${name} is ${value}; give a whole number from 0 to ${most}.`);
}

function buildGrid(table: TableLike, options: TableOptions): Grid {
  const rows = rowLimit(options);
  const digits = checkOption("digits", options.digits ?? 3, 20);
  const { total = table.values.length } = table;
  const shown = table.values.slice(0, rows).map((row) => (Array.isArray(row) ? row : [row]));
  const columns = table.columns.map((_, column) =>
    formatColumn(
      shown.map((row) => row[column]),
      digits,
    ),
  );
  const isDefaultIndex = table.index.every((label, row) => label === row);
  return {
    header: table.columns.map((name) => visibleText(String(name))),
    labels: isDefaultIndex ? undefined : shown.map((_, row) => visibleText(String(table.index[row] ?? ""))),
    cells: shown.map((_, row) => columns.map((column) => column.texts[row]!)),
    numeric: columns.map((column) => column.numeric),
    note: shown.length < total ? `The first ${shown.length} of ${total} rows.` : "",
  };
}

/** An HTML table with inline alignment, in a container that scrolls sideways on a narrow page. */
function toHtml(grid: Grid, caption: string | undefined): string {
  const align = (column: number) => `style="text-align:${grid.numeric[column] ? "right" : "left"}"`;
  const head = grid.header.map((name, c) => `<th scope="col" ${align(c)}>${escapeHtml(name)}</th>`);
  if (grid.labels) head.unshift(`<td></td>`);
  const body = grid.cells.map((cells, row) => {
    const label =
      grid.labels && `<th scope="row" style="text-align:left">${escapeHtml(grid.labels[row]!)}</th>`;
    const data = cells.map((text, c) => `<td ${align(c)}>${escapeHtml(text)}</td>`);
    return `<tr>${label ?? ""}${data.join("")}</tr>`;
  });
  const name = escapeHtml(caption ?? "Table");
  return [
    `<div class="allroads-table" role="region" aria-label="${name}" tabindex="0" style="overflow-x:auto">`,
    "<table>",
    caption ? `<caption style="text-align:left">${name}</caption>` : "",
    `<thead><tr>${head.join("")}</tr></thead>`,
    `<tbody>${body.join("\n")}</tbody>`,
    "</table>",
    grid.note ? `<p><small>${grid.note}</small></p>` : "",
    "</div>",
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function toText(grid: Grid, caption: string | undefined): string {
  const names = grid.labels ? ["", ...grid.header] : grid.header;
  const rows = grid.cells.map((cells, row) => (grid.labels ? [grid.labels[row]!, ...cells] : cells));
  const numeric = grid.labels ? [false, ...grid.numeric] : grid.numeric;
  const lines = [names, ...rows].map((row) => row.map((text) => text.replace(/\s+/g, " ")));
  const widths = names.map((_, column) => Math.max(...lines.map((row) => row[column]!.length)));
  const text = lines.map((row) =>
    row
      .map((cell, c) => (numeric[c] ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join("  ")
      .trimEnd(),
  );
  return [caption, ...text, grid.note].filter((line) => line !== undefined && line !== "").join("\n");
}

/**
 * A table as accessible HTML and as aligned text. Row labels 0, 1, 2… are left out.
 *
 * @throws {RangeError} if `rows` or `digits` is not a whole number in its range
 */
export function tableBundle(table: TableLike, options: TableOptions = {}): MimeBundle {
  const grid = buildGrid(table, options);
  const caption = options.caption && visibleText(options.caption);
  return { "text/html": toHtml(grid, caption), "text/plain": toText(grid, caption) };
}
