/** Values on a grid of integer coordinates, last coordinate fastest; undefined where the function is not defined. */
export interface Grid {
  readonly shape: readonly number[];
  readonly values: readonly (number | undefined)[];
}

/** The coordinates from `low` (inclusive) to `high` (exclusive) of one axis. */
interface Interval {
  readonly low: number;
  readonly high: number;
}

/** All intervals of an axis with `length` coordinates, shorter ones first, and the position of each in that list. */
function intervals(length: number) {
  const all: Interval[] = [];
  for (let size = 1; size <= length; size++)
    for (let low = 0; low + size <= length; low++) all.push({ low, high: low + size });
  const indexOf = (low: number, high: number): number => {
    const shorter = high - low - 1;
    return (shorter * (2 * length - shorter + 1)) / 2 + low;
  };
  return { all, indexOf };
}

/**
 * The number of leaves of the smallest regression tree whose error is at most `tolerance` at every point of the grid. A
 * node of the tree compares one coordinate with a threshold, and a leaf holds one number. Dynamic programming over all
 * boxes of the grid, of which there are about Π n² / 2^d for n coordinates in each of d dimensions. Throws if the shape
 * does not match the number of values or no value is defined.
 */
export function minimalTreeLeaves({ shape, values }: Grid, tolerance: number): number {
  const points = shape.reduce((product, length) => product * length, 1);
  if (points !== values.length || values.every((value) => value === undefined))
    throw new Error(`A grid of ${shape.join(" × ")} needs ${points} values, at least one of them a number.`);
  let boxes = 1;
  // A box is an interval per axis. Its number is Σ stride · interval index, so that parts of a box precede it.
  const axes = shape.map((length) => ({ length, stride: 1, ...intervals(length) }));
  for (const axis of axes.toReversed()) {
    axis.stride = boxes;
    boxes *= axis.all.length;
  }
  const low = new Float64Array(boxes);
  const high = new Float64Array(boxes);
  const leaves = new Float64Array(boxes);
  for (let box = 0; box < boxes; box++) {
    const sides = axes.map((axis) => {
      const index = Math.floor(box / axis.stride) % axis.all.length;
      return { axis, index, interval: axis.all[index]! };
    });
    /** The numbers of the two boxes into which a cut of one side divides the box. */
    const halves = ({ axis, index, interval }: (typeof sides)[number], cut: number) => {
      const rest = box - index * axis.stride;
      return [
        rest + axis.indexOf(interval.low, cut) * axis.stride,
        rest + axis.indexOf(cut, interval.high) * axis.stride,
      ] as const;
    };
    const divisible = sides.find(({ interval }) => interval.high - interval.low > 1);
    if (divisible === undefined) {
      const point = sides.reduce((place, { axis, interval }) => place * axis.length + interval.low, 0);
      const value = values[point];
      low[box] = value ?? Infinity;
      high[box] = value ?? -Infinity;
      leaves[box] = 1;
      continue;
    }
    const [one, other] = halves(divisible, divisible.interval.low + 1);
    low[box] = Math.min(low[one]!, low[other]!);
    high[box] = Math.max(high[one]!, high[other]!);
    let fewest = high[box]! - low[box]! <= 2 * tolerance ? 1 : Infinity;
    for (const side of sides)
      for (let cut = side.interval.low + 1; cut < side.interval.high && fewest > 2; cut++) {
        const [left, right] = halves(side, cut);
        fewest = Math.min(fewest, leaves[left]! + leaves[right]!);
      }
    leaves[box] = fewest;
  }
  return leaves[boxes - 1]!;
}
