import { type Interval, mean, tInterval } from "../../evaluation/statistics.ts";
import { groupBy } from "./values.ts";

/* 95 % intervals of means over seeds, by Student's t. */

/** A point of a curve. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A mean with its interval in both directions. */
export interface Cross extends Point {
  readonly low?: number;
  readonly high?: number;
  readonly xLow?: number;
  readonly xHigh?: number;
}

/** The interval of a mean at a place of a curve. */
export interface Band {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

/** Below this many values an interval is so wide that single values say more. */
const FEW = 3;

/** The interval to draw around the mean of values of different seeds; undefined for fewer than three. */
export function intervalOver(values: readonly number[]): Interval | undefined {
  return values.length < FEW ? undefined : tInterval(values);
}

/** The interval of the mean y at each x, by x; none where there are fewer than three values. */
export function bandsByX(points: readonly Point[]): Band[] {
  return [...groupBy(points, ({ x }) => x)]
    .flatMap(([x, own]) => {
      const interval = intervalOver(own.map(({ y }) => y));
      return interval ? [{ x, low: interval.low, high: interval.high }] : [];
    })
    .sort((a, b) => a.x - b.x);
}

/** The mean of points, with the 95 % t interval of each coordinate. */
export function crossOf(points: readonly Point[]): Cross {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [across, along] = [intervalOver(xs), intervalOver(ys)];
  return {
    x: mean(xs),
    y: mean(ys),
    ...(along && { low: along.low, high: along.high }),
    ...(across && { xLow: across.low, xHigh: across.high }),
  };
}

/** What a chart of means says about its intervals: "Means over 10 seeds; bands are 95% t intervals." */
export function intervalNote(seeds: number, marks = "bands", unit = "seeds"): string {
  if (seeds === 1) return `One ${unit.replace(/s$/, "")}, so no intervals.`;
  if (seeds < FEW)
    return `Means over ${seeds} ${unit}, too few for intervals; thin lines are single ${unit}.`;
  return `Means over ${seeds} ${unit}; ${marks} are 95% t intervals.`;
}

/** Whether single values are drawn, since they are too few for intervals. */
export const drawsSingles = (seeds: number): boolean => seeds > 1 && seeds < FEW;

/** The number of distinct seeds. */
export const seedCount = (rows: readonly { readonly seed: number }[]): number =>
  new Set(rows.map(({ seed }) => seed)).size;
