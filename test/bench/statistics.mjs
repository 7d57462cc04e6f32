/**
 * A quantile, with linear interpolation (type 7 of Hyndman and Fan, 1996).
 *
 * @param {readonly number[]} numbers at least one
 * @param {number} probability from 0 to 1
 * @throws {RangeError} if there are no numbers
 */
export function quantile(numbers, probability) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const position = probability * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
  if (below === undefined || above === undefined)
    throw new RangeError(`There is no quantile ${probability} of ${sorted.length} numbers.`);
  return below + (above - below) * (position - Math.floor(position));
}

/** @param {readonly number[]} numbers */
export const median = (numbers) => quantile(numbers, 0.5);

/**
 * @typedef {object} Block the measurement of one runner in one round
 * @property {number} steps
 * @property {number} seconds
 * @property {number} cores the mean number of cores it kept busy
 * @property {number} foreign the share of all cores that other processes used meanwhile, 0 to 1
 */

/** Seconds per step in each block. @param {readonly Block[]} blocks */
export const stepSeconds = (blocks) => blocks.map(({ steps, seconds }) => seconds / steps);

/** The median of the seconds per step. @param {readonly Block[]} blocks */
export const medianSeconds = (blocks) => median(stepSeconds(blocks));

/** @typedef {{ median: number, low: number, high: number }} Quartiles the median and the other two quartiles */

/** @param {readonly number[]} numbers @returns {Quartiles} */
export const quartiles = (numbers) => ({
  median: median(numbers),
  low: quantile(numbers, 0.25),
  high: quantile(numbers, 0.75),
});

/**
 * The quartiles of the ratios of two lists, element by element.
 *
 * @param {readonly number[]} numbers
 * @param {readonly number[]} divisors of the same length
 * @returns {Quartiles}
 */
export function ratioQuartiles(numbers, divisors) {
  if (numbers.length !== divisors.length)
    throw new RangeError(`There are ${numbers.length} numbers and ${divisors.length} divisors.`);
  return quartiles(numbers.map((number, index) => number / /** @type {number} */ (divisors[index])));
}

/**
 * The time per step of a runner relative to a baseline: the quartiles of the ratios within each round.
 *
 * @param {readonly Block[]} blocks
 * @param {readonly Block[]} baseline the blocks of the same rounds
 */
export const relativeTime = (blocks, baseline) => ratioQuartiles(stepSeconds(blocks), stepSeconds(baseline));

/** The blocks of a runner. @throws {Error} if it was not measured */
function blocksOf(blocks, name) {
  if (!(name in blocks)) throw new Error(`The runner ${name} was not measured.`);
  return blocks[name];
}

/**
 * The blocks of every runner with its time relative to a baseline.
 *
 * @param {Record<string, readonly Block[]>} blocks by runner
 * @param {string} baseline the name of a runner
 */
export const relativeTimes = (blocks, baseline) =>
  Object.entries(blocks).map(([name, own]) => ({
    name,
    blocks: own,
    ratio: relativeTime(own, blocksOf(blocks, baseline)),
  }));

/**
 * The fastest of some runners, by their median time relative to the first of them.
 *
 * @param {Record<string, readonly Block[]>} blocks by runner
 * @param {readonly [string, ...string[]]} names
 * @returns {string}
 */
export function fastestRunner(blocks, names) {
  const times = names.map((name) => ({
    name,
    time: relativeTime(blocksOf(blocks, name), blocksOf(blocks, names[0])).median,
  }));
  return times.reduce((best, other) => (other.time < best.time ? other : best)).name;
}

/** The largest relative difference of two lists, relative to the second; infinite if their lengths differ. */
export const relativeDifference = (values, expected) =>
  values.length === expected.length
    ? Math.max(...values.map((value, index) => Math.abs(value - expected[index]) / Math.abs(expected[index])))
    : Number.POSITIVE_INFINITY;
