import { type Label, sameLabel, sortLabels } from "../../results/labels.ts";

/* Arithmetic and checks that charts share. */

/** Throws if one of `fields` is not a finite number in some row; the error names the first such row. */
export function requireNumbers<R extends object>(
  chart: string,
  rows: readonly R[],
  fields: readonly (keyof R & string)[],
): void {
  for (const [index, row] of rows.entries()) {
    const bad = fields.find((field) => !Number.isFinite(row[field]));
    if (bad)
      throw new Error(
        `${chart}: row ${index} (${JSON.stringify(row, labelsByName)}) needs a finite number as \`${bad}\`; ` +
          "leave out rows without a measurement.",
      );
  }
}

/** A replacer for JSON.stringify that writes labels as their names. */
function labelsByName(_: string, value: unknown): unknown {
  const isLabel = typeof value === "object" && value !== null && "id" in value && "ink" in value;
  return isLabel ? (value as Label).name : value;
}

/** Throws if there are no rows to draw. */
export function requireRows<R>(
  chart: string,
  name: string,
  rows: readonly R[],
): asserts rows is readonly [R, ...R[]] {
  if (rows.length === 0) throw new Error(`${chart}: \`${name}\` is empty; give at least one row.`);
}

/** The items by key, in order of first appearance. */
export function groupBy<T, K>(items: Iterable<T>, key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

/** The rows of each label, in display order. */
export function groupByLabel<R>(rows: readonly R[], labelOf: (row: R) => Label): [Label, R[]][] {
  return sortLabels(rows.map(labelOf)).map((label) => [
    label,
    rows.filter((row) => sameLabel(labelOf(row), label)),
  ]);
}

/** The domain of an axis and its ticks. */
export interface Scale {
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
}

/** A domain that includes all `values` and ends on round numbers, with about `count` steps between its ticks. */
export function niceScale(values: Iterable<number>, count = 5): Scale {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low <= 1e-9 * size || size < 1e-100) {
    const half = size < 1e-100 ? 0.5 : size / 2;
    [low, high] = [low - half, high + half];
  }
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((multiple) => multiple * power >= rough * 0.999) ?? 10);
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
  const [least, greatest] = [Math.min(...ticks), Math.max(...ticks)];
  return { domain: [least, greatest], ticks };
}

/** A domain that ends a little beyond the `values`, with two or three round numbers inside it as ticks. */
export function closeScale(values: readonly number[]): Scale {
  const { domain, ticks } = niceScale(values, 3);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low || domain[1] - domain[0]) * 0.15;
  const inside = [low - margin, high + margin] as const;
  const shown = ticks.filter((tick) => tick >= inside[0] && tick <= inside[1]);
  return { domain: inside, ticks: shown.length > 3 ? shown.filter((_, index) => index % 2 === 0) : shown };
}

/**
 * The positions nearest to `targets`, by least squares, that keep their order and are `gap` apart within `low` … `high`;
 * evenly spread if there is too little room. Pools adjacent violators, as isotonic regression does.
 */
export function spread(targets: readonly number[], gap: number, low: number, high: number): number[] {
  const n = targets.length;
  const room = n > 1 ? Math.min(gap, (high - low) / (n - 1)) : 0;
  const order = [...targets.entries()].sort(([a, x], [b, y]) => x - y || a - b);
  const pools: { sum: number; size: number }[] = [];
  for (const [rank, [, target]] of order.entries()) {
    let pool = { sum: target - rank * room, size: 1 };
    for (let last = pools.at(-1); last && last.sum / last.size >= pool.sum / pool.size; last = pools.at(-1)) {
      pool = { sum: pool.sum + last.sum, size: pool.size + last.size };
      pools.pop();
    }
    pools.push(pool);
  }
  const starts = pools.flatMap(({ sum, size }) =>
    Array<number>(size).fill(Math.min(Math.max(sum / size, low), high - (n - 1) * room)),
  );
  const positions = new Array<number>(n);
  for (const [rank, [index]] of order.entries()) positions[index] = starts[rank]! + rank * room;
  return positions;
}

/** A tooltip with a row's `name` as its heading, then numbers: `numbers` maps fields to their titles. */
export function tooltip(numbers: Record<string, string> = {}): object[] {
  const named = Object.entries(numbers).map(([field, title]) => ({ field, type: "quantitative", title }));
  return [{ field: "name", type: "nominal", title: "title" }, ...named];
}

/** `value` to `digits` decimals with a true minus sign; `signed` adds a plus. */
export function decimals(value: number, digits: number, signed = false): string {
  const text = Math.abs(value).toFixed(digits);
  const zero = Number(text) === 0;
  return `${zero ? "" : value < 0 ? "−" : signed ? "+" : ""}${text}`;
}

/** A number in few characters: three significant digits, with a power of ten if it is very small or large. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size === Infinity) return value < 0 ? "−∞" : "∞";
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e6)
      ? size.toExponential(1).replace(".0e", "e")
      : String(Number(size.toPrecision(3)));
  return value < 0 ? `−${text}` : text;
}
