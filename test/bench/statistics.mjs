/**
 * The value below which a part `at` of the numbers lies, linear between neighbours (type 7 of Hyndman and Fan,
 * 1996). Not defined for no numbers.
 *
 * @param {readonly number[]} numbers
 * @param {number} at from 0 to 1
 */
export function quantile(numbers, at) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const place = at * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}

/** @param {readonly number[]} numbers */
export const median = (numbers) => quantile(numbers, 0.5);

/**
 * @typedef {object} Block one runner's turn in one round
 * @property {number} steps
 * @property {number} seconds
 * @property {number} cores that it kept busy on average
 * @property {number} foreign the part of all cores that other processes used meanwhile, 0 to 1
 */

/** Seconds of one step in each block. @param {readonly Block[]} blocks */
export const stepSeconds = (blocks) => blocks.map(({ steps, seconds }) => seconds / steps);

/** The median over blocks of a step's seconds. @param {readonly Block[]} blocks */
export const medianSeconds = (blocks) => median(stepSeconds(blocks));

/** @typedef {{ median: number, low: number, high: number }} Spread a median and its quartiles */

/** @param {readonly number[]} numbers @returns {Spread} */
export const spread = (numbers) => ({
  median: median(numbers),
  low: quantile(numbers, 0.25),
  high: quantile(numbers, 0.75),
});

/**
 * The median and the quartiles of numbers over others, each over the one at its place.
 *
 * @param {readonly number[]} numbers
 * @param {readonly number[]} others
 */
export const spreadOfRatios = (numbers, others) =>
  spread(numbers.map((number, round) => number / others[round]));

/**
 * A runner's time over another's: both round by round, and the median and the quartiles of those ratios.
 *
 * @param {readonly Block[]} blocks
 * @param {readonly Block[]} baseline the other's blocks of the same rounds
 */
export const ratio = (blocks, baseline) => spreadOfRatios(stepSeconds(blocks), stepSeconds(baseline));

/**
 * Of these runners, the one that is fastest beside the first of them, round by round.
 *
 * @param {Record<string, readonly Block[]>} blocks by runner
 * @param {readonly string[]} names
 */
export function fastest(blocks, names) {
  const times = names.map((name) => ratio(blocks[name], blocks[names[0]]).median);
  return names[times.indexOf(Math.min(...times))];
}

/** The largest difference between numbers of two lists in turn, beside the second's. */
export const relativeDifference = (values, expected) =>
  values.length === expected.length
    ? Math.max(...values.map((value, at) => Math.abs(value - expected[at]) / Math.abs(expected[at])))
    : Number.POSITIVE_INFINITY;
