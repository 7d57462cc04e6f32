import { mean } from "../../evaluation/statistics.ts";
import type { Point } from "./intervals.ts";
import { type Band, intervalOver } from "./intervals.ts";
import { groupBy } from "./values.ts";

/**
 * The mean over seeds of values averaged within bins of equal width, and its interval, for the bins in which every seed
 * has a value. A seed's first to last x is divided into `bins` bins if it spans 0 to `last`, into proportionally fewer if
 * it is shorter.
 */
export function meanOverBins(
  rows: readonly (Point & { readonly seed: number })[],
  bins: number,
  last: number,
): { mean: Point[]; band: Band[] } {
  const seeds = [...groupBy(rows, ({ seed }) => seed).values()].map((own) => binned(own, bins, last));
  const all = new Set(seeds.flatMap((seed) => [...seed.keys()]));
  const complete = [...all]
    .map((bin) => seeds.flatMap((seed) => seed.get(bin) ?? []))
    .filter((points) => points.length === seeds.length);
  return {
    mean: complete.map(meanPoint),
    band: complete.flatMap((points) => {
      const interval = intervalOver(points.map(({ y }) => y));
      const { x } = meanPoint(points);
      return interval ? [{ x, low: interval.low, high: interval.high }] : [];
    }),
  };
}

function binned(rows: readonly Point[], bins: number, last: number): Map<number, Point> {
  const xs = rows.map(({ x }) => x);
  const [least, greatest] = [Math.min(...xs), Math.max(...xs)];
  const count = Math.max(1, Math.round((bins * (greatest - least)) / last));
  const binOf = (x: number) =>
    Math.min(count - 1, Math.floor(((x - least) / (greatest - least || 1)) * count));
  const byBin = [...groupBy(rows, ({ x }) => binOf(x))].sort(([a], [b]) => a - b);
  return new Map(byBin.map(([bin, points]) => [bin, meanPoint(points)]));
}

function meanPoint(points: readonly Point[]): Point {
  return { x: mean(points.map(({ x }) => x)), y: mean(points.map(({ y }) => y)) };
}
