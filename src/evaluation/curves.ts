/** A point of a curve. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

/**
 * The mean of `a` minus `b` over the range of x that both cover, each read as its points sorted by x and joined by
 * straight lines: the exact integral of the difference over the length of the range. Undefined if there is no such range.
 */
export function meanGap(a: readonly CurvePoint[], b: readonly CurvePoint[]): number | undefined {
  const curves = [a, b].map((points) => [...points].sort((one, other) => one.x - other.x));
  const from = Math.max(...curves.map((points) => points.at(0)?.x ?? Infinity));
  const to = Math.min(...curves.map((points) => points.at(-1)?.x ?? -Infinity));
  if (!(from < to)) return undefined;
  const [areaOfA, areaOfB] = curves.map((points) => areaBetween(points, from, to));
  return (areaOfA! - areaOfB!) / (to - from);
}

/** The integral of a curve over part of its range, by trapezia. */
function areaBetween(points: readonly CurvePoint[], from: number, to: number): number {
  let area = 0;
  for (let index = 1; index < points.length; index++) {
    const [left, right] = [points[index - 1]!, points[index]!];
    const [low, high] = [Math.max(left.x, from), Math.min(right.x, to)];
    if (low >= high) continue;
    const at = (x: number) => left.y + ((right.y - left.y) * (x - left.x)) / (right.x - left.x);
    area += ((at(low) + at(high)) / 2) * (high - low);
  }
  return area;
}
