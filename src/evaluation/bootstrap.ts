import { integer, type RandomStream, randomStream } from "../tensors/random.ts";
import { checkConfidence, checkNumbers, checkWhole } from "./checks.ts";
import { checkMatrix, type Interval, mean, type ScoreMatrix } from "./statistics.ts";

export interface BootstrapOptions {
  /** The same seed and input give the same interval. */
  readonly seed: number;
  /** How many resamples. */
  readonly draws?: number;
  readonly confidence?: number;
}

/** A percentile interval: `mean` is the statistic of the data themselves. */
export interface BootstrapInterval extends Interval {
  readonly draws: number;
}

export interface PairedInterval extends BootstrapInterval {
  /** How many seeds there were. With one, the interval is over prompts only and says nothing about seeds. */
  readonly seeds: number;
}

/**
 * The percentile interval of a statistic of runs × tasks by the stratified bootstrap: in each resample,
 * every task draws its runs anew, with replacement and independently of other tasks. This is rliable's
 * `get_interval_estimates` with `method="percentile"`, 50,000 draws unless told.
 */
export function stratifiedBootstrap(
  scores: ScoreMatrix,
  statistic: (scores: ScoreMatrix) => number,
  { seed, draws = 50_000, confidence = 0.95 }: BootstrapOptions,
): BootstrapInterval {
  checkMatrix("scores", scores);
  checkOptions(draws, confidence);
  const stream = randomStream(seed, "stratified bootstrap");
  const resample = () =>
    scores.map((run) => run.map((_, task) => scores[integer(stream, scores.length)]![task]!));
  const statistics = Float64Array.from({ length: draws }, () => statistic(resample()));
  return { mean: statistic(scores), ...percentileInterval(statistics, confidence), draws };
}

/**
 * The percentile interval of a paired difference between two arms, `differences[seed][prompt]`, with the
 * seed as the unit: each resample draws as many seeds as there are, with replacement, then within each
 * drawn seed as many of its prompts as it has, and averages the seeds' means. Seeds may differ in their
 * number of prompts and weigh the same. Throws one sentence where there is no seed, a seed without
 * prompts, or a difference that is not finite.
 */
export function pairedHierarchicalBootstrap(
  differences: readonly (readonly number[])[],
  { seed, draws = 10_000, confidence = 0.95 }: BootstrapOptions,
): PairedInterval {
  if (differences.length === 0) throw new Error("differences is empty: at least one seed is needed.");
  for (const [index, prompts] of differences.entries()) checkNumbers(`differences[${index}]`, prompts);
  checkOptions(draws, confidence);
  const stream = randomStream(seed, "paired hierarchical bootstrap");
  const seeds = differences.map((prompts) => Float64Array.from(prompts));
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    let total = 0;
    for (let n = 0; n < seeds.length; n++)
      total += resampledMean(seeds[integer(stream, seeds.length)]!, stream);
    means[draw] = total / seeds.length;
  }
  return {
    mean: mean(differences.map(mean)),
    ...percentileInterval(means, confidence),
    draws,
    seeds: seeds.length,
  };
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

/** The quantile of sorted values, linear between neighbours, as numpy's `percentile` takes it. */
function quantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (position - below) * (high - low);
}

function checkOptions(draws: number, confidence: number): void {
  checkWhole("draws", draws, 1);
  checkConfidence(confidence);
}
