/** Numbers on a grid of whole coordinates, the last coordinate running fastest; undefined where there is no point. */
export interface Grid {
  readonly shape: readonly number[];
  readonly values: readonly (number | undefined)[];
}

/** The half-open intervals of 0 … length − 1, parts before wholes. */
function intervals(length: number) {
  const all: { low: number; high: number }[] = [];
  const place = Array.from({ length: length + 1 }, () => new Array<number>(length + 1).fill(-1));
  for (let size = 1; size <= length; size++)
    for (let low = 0; low + size <= length; low++) {
      place[low]![low + size] = all.length;
      all.push({ low, high: low + size });
    }
  return { all, place };
}

/**
 * The leaves of the smallest regression tree that is nowhere further than `tolerance` from the grid's values. A
 * tree asks whether a coordinate is below a threshold and has one number in each leaf; coordinates are whole, so
 * every tree is tried, by dynamic programming over boxes. Takes about Π n² / 2^d boxes for a grid of n in each of d
 * directions. Throws where the shape does not fit the values or nothing is on the grid.
 */
export function smallestTree({ shape, values }: Grid, tolerance: number): number {
  const points = shape.reduce((product, length) => product * length, 1);
  if (points !== values.length || values.every((value) => value === undefined))
    throw new Error(`A grid of ${shape.join(" × ")} needs ${points} values, at least one of them a number.`);
  const directions = shape.map(intervals);
  const strides = shape.map((_, at) =>
    directions.slice(at + 1).reduce((product, { all }) => product * all.length, 1),
  );
  const boxes = strides[0]! * directions[0]!.all.length;
  const low = new Float64Array(boxes);
  const high = new Float64Array(boxes);
  const leaves = new Float64Array(boxes);
  for (let box = 0; box < boxes; box++) {
    const own = directions.map(({ all }, at) => Math.floor(box / strides[at]!) % all.length);
    const sides = own.map((id, at) => directions[at]!.all[id]!);
    const halves = (at: number, cut: number) => {
      const { place } = directions[at]!;
      const rest = box - own[at]! * strides[at]!;
      return [
        rest + place[sides[at]!.low]![cut]! * strides[at]!,
        rest + place[cut]![sides[at]!.high]! * strides[at]!,
      ] as const;
    };
    const divisible = sides.findIndex((side) => side.high - side.low > 1);
    if (divisible < 0) {
      const value = values[sides.reduce((place, side, at) => place * shape[at]! + side.low, 0)];
      low[box] = value ?? Infinity;
      high[box] = value ?? -Infinity;
      leaves[box] = 1;
      continue;
    }
    const [one, other] = halves(divisible, sides[divisible]!.low + 1);
    low[box] = Math.min(low[one]!, low[other]!);
    high[box] = Math.max(high[one]!, high[other]!);
    leaves[box] = high[box]! - low[box]! <= 2 * tolerance ? 1 : Infinity;
    for (const [at, side] of sides.entries())
      for (let cut = side.low + 1; cut < side.high && leaves[box]! > 2; cut++) {
        const [left, right] = halves(at, cut);
        leaves[box] = Math.min(leaves[box]!, leaves[left]! + leaves[right]!);
      }
  }
  return leaves[boxes - 1]!;
}
