import { integer, type RandomStream, randomStream } from "../tensors/random.ts";
import { type Picks, picksOf } from "./bootstrap-picks.ts";
import { checkConfidence, checkNumbers, checkWhole } from "./checks.ts";
import { type Interval, mean } from "./statistics.ts";

/** Options of `pairedHierarchicalBootstrap`. */
export interface BootstrapOptions {
  /** The same seed and input give the same interval. */
  readonly seed: number;
  /** Number of resamples, default 10,000. */
  readonly draws?: number;
  /** Default 0.95. */
  readonly confidence?: number;
}

/** A percentile interval; `mean` is the statistic of the data themselves. */
export interface PairedInterval extends Interval {
  readonly draws: number;
  /** Number of seeds. With one seed the interval covers prompts only and says nothing about seeds. */
  readonly seeds: number;
}

/**
 * Percentile interval of the mean paired difference between two arms, by a two-level bootstrap. `differences` is
 * [seeds][prompts]. Each resample draws as many seeds as there are, with replacement; within each drawn seed it draws
 * as many prompts as that seed has, with replacement; and it averages the seeds' means. Seeds may have different
 * numbers of prompts and count equally. Throws if there is no seed, a seed has no prompts, or a difference is not
 * finite.
 */
export function pairedHierarchicalBootstrap(
  differences: readonly (readonly number[])[],
  { seed, draws = 10_000, confidence = 0.95 }: BootstrapOptions,
): PairedInterval {
  if (differences.length === 0) throw new Error("differences is empty: at least one seed is needed.");
  for (const [index, prompts] of differences.entries()) checkNumbers(`differences[${index}]`, prompts);
  checkWhole("draws", draws, 1);
  checkConfidence(confidence);
  const stream = () => randomStream(seed, "paired hierarchical bootstrap");
  const seeds = differences.map((prompts) => Float64Array.from(prompts));
  const [{ length: prompts }] = seeds as [Float64Array];
  const picks = seeds.every(({ length }) => length === prompts)
    ? picksOf(String(seed), stream, [draws, seeds.length, prompts])
    : undefined;
  const means =
    picks === undefined ? resampledMeans(seeds, draws, stream()) : pickedMeans(seeds, draws, picks);
  return {
    mean: mean(differences.map(mean)),
    ...percentileInterval(means, confidence),
    draws,
    seeds: seeds.length,
  };
}

/** The statistic of every resample. */
function resampledMeans(seeds: readonly Float64Array[], draws: number, stream: RandomStream): Float64Array {
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    let total = 0;
    for (let n = 0; n < seeds.length; n++)
      total += resampledMean(seeds[integer(stream, seeds.length)]!, stream);
    means[draw] = total / seeds.length;
  }
  return means;
}

/** The same from picks; the numbers are added in the same order. */
function pickedMeans(seeds: readonly Float64Array[], draws: number, picks: Picks): Float64Array {
  const means = new Float64Array(draws);
  let [place, at] = [0, 0];
  for (let draw = 0; draw < draws; draw++) {
    let total = 0;
    for (let n = 0; n < seeds.length; n++) {
      const values = seeds[picks.seeds[place++]!]!;
      total += pickedSum(values, picks.prompts, at) / values.length;
      at += values.length;
    }
    means[draw] = total / seeds.length;
  }
  return means;
}

/** The sum of as many values as there are, picked from `start` on. Four at a time take half the time of one at a time. */
function pickedSum(values: Float64Array, picks: Uint16Array, start: number): number {
  const end = start + values.length;
  let [sum, at] = [0, start];
  for (; at + 4 <= end; at += 4) {
    sum += values[picks[at]!]!;
    sum += values[picks[at + 1]!]!;
    sum += values[picks[at + 2]!]!;
    sum += values[picks[at + 3]!]!;
  }
  for (; at < end; at++) sum += values[picks[at]!]!;
  return sum;
}

function resampledMean(values: Float64Array, stream: RandomStream): number {
  let total = 0;
  for (let n = 0; n < values.length; n++) total += values[integer(stream, values.length)]!;
  return total / values.length;
}

/** The quantiles that leave (1 - confidence) / 2 on either side. Sorts `statistics` in place. */
function percentileInterval(statistics: Float64Array, confidence: number): { low: number; high: number } {
  statistics.sort();
  const tail = (1 - confidence) / 2;
  return { low: quantile(statistics, tail), high: quantile(statistics, 1 - tail) };
}

/** The quantile of sorted values with linear interpolation, as numpy's `percentile` computes it. */
function quantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const [low, high = low] = sorted.subarray(below, below + 2);
  if (low === undefined || high === undefined) throw new Error(`There is no ${q} quantile of no values.`);
  return low + (position - below) * (high - low);
}
