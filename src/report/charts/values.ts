/** Arithmetic and checks that the charts share. */

/** The mean of at least one number. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Throws one sentence naming the first row in which one of `fields` is not a finite number. */
export function requireNumbers<R extends object>(
  chart: string,
  rows: readonly R[],
  fields: readonly (keyof R & string)[],
): void {
  for (const [index, row] of rows.entries()) {
    const bad = fields.find((field) => !Number.isFinite(row[field]));
    if (bad)
      throw new Error(
        `${chart}: row ${index} (${JSON.stringify(row)}) needs a finite number as \`${bad}\`; ` +
          "leave the row out where nothing was measured.",
      );
  }
}

/** Throws one sentence where there is nothing to draw. */
export function requireRows(chart: string, name: string, rows: readonly unknown[]): void {
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

export interface Scale {
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
}

/** A domain that holds all `values` and ends on round numbers, with about `count` steps between its ticks. */
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
  return { domain: [ticks[0]!, ticks[ticks.length - 1]!], ticks };
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
 * Positions as near to `targets` as keeps them in order and `gap` apart within `low` … `high`; where that is
 * too little room they are spread evenly. Least squares by pooling adjacent violators.
 */
export function spread(targets: readonly number[], gap: number, low: number, high: number): number[] {
  const n = targets.length;
  const room = n > 1 ? Math.min(gap, (high - low) / (n - 1)) : 0;
  const order = targets.map((_, index) => index).sort((a, b) => targets[a]! - targets[b]! || a - b);
  const pools: { sum: number; size: number }[] = [];
  for (const [rank, index] of order.entries()) {
    let pool = { sum: targets[index]! - rank * room, size: 1 };
    for (let last = pools.at(-1); last && last.sum / last.size >= pool.sum / pool.size; last = pools.at(-1)) {
      pool = { sum: pool.sum + last.sum, size: pool.size + last.size };
      pools.pop();
    }
    pools.push(pool);
  }
  const positions = new Array<number>(n);
  let rank = 0;
  for (const { sum, size } of pools)
    for (let member = 0; member < size; member++, rank++)
      positions[order[rank]!] = Math.min(Math.max(sum / size, low), high - (n - 1) * room) + rank * room;
  return positions;
}

/** What a tooltip shows of a row: its field `name` as a heading, then fields of numbers by what they are called. */
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

/** A number in as few characters as tell its size: three digits, or a power of ten. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size === Infinity) return value < 0 ? "−∞" : "∞";
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e6)
      ? size.toExponential(1).replace(".0e", "e")
      : String(Number(size.toPrecision(3)));
  return value < 0 ? `−${text}` : text;
}
