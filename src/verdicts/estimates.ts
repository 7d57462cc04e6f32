import { pairedHierarchicalBootstrap } from "../evaluation/bootstrap.ts";
import { meanGap } from "../evaluation/curves.ts";
import { type Interval, mean, tInterval } from "../evaluation/statistics.ts";
import type { SeedResult } from "../results/collect.ts";
import { type Difference, differenceName, type Label } from "../results/labels.ts";
import { measureNamed, missingLabels, valuesOf } from "../results/measures.ts";

/** A difference of two arms or scorers in a measure; with `less`, minus another difference. */
export interface DifferenceEstimate extends Difference {
  readonly metric: string;
  readonly less?: Difference;
}

/** The slope of differences over a number, by least squares. */
export interface SlopeEstimate {
  readonly metric: string;
  readonly name: string;
  readonly scale: "linear" | "log2";
  readonly slope: readonly (Difference & { readonly at: number })[];
}

/** The slope of differences in `metric` on other differences in the measure `on`, by least squares. */
export interface AssociationEstimate {
  readonly metric: string;
  readonly name: string;
  readonly on: string;
  readonly points: readonly (Difference & { readonly on: Difference })[];
}

/**
 * The difference of two curves. On each seed the arms of a side, or its scorers, are points (measure `atEqual`, `metric`),
 * joined by straight lines in order of the former; the number is the mean of treatment less control where both have one.
 */
export interface CurvesEstimate {
  readonly metric: string;
  readonly name: string;
  readonly atEqual: string;
  readonly treatment: readonly Label[];
  readonly control: readonly Label[];
}

/** A number that is measured on every seed. */
export type Estimate = DifferenceEstimate | SlopeEstimate | AssociationEstimate | CurvesEstimate;

/** Differences in one measure, each given as treatment and control. */
export function differencesIn(
  metric: string,
  pairs: readonly (readonly [treatment: Label, control: Label])[],
): DifferenceEstimate[] {
  return pairs.map(([treatment, control]) => ({ metric, treatment, control }));
}

/** A bootstrap of seeds and prompts, which registrations until November 2026 ask for. */
export interface BootstrapInterval {
  readonly draws: number;
  readonly level: number;
}

/** Student's t over the seeds' means. */
export interface StudentInterval {
  readonly method: "student t";
  readonly level: number;
}

/** How intervals are computed. */
export type IntervalOptions = BootstrapInterval | StudentInterval;

/** An estimate with its interval, and its value on each seed. By Student's t one seed has no interval: both ends are its value. */
export interface Estimated {
  readonly estimate: Estimate;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly values: readonly { readonly seed: number; readonly value: number }[];
}

/** Seed of the bootstrap's random stream; any number would do. */
export const BOOTSTRAP_SEED = 20_250_301;

/**
 * An estimate from the results, with its interval. Differences are taken prompt by prompt if all terms were measured on
 * the same prompts, else seed by seed. Throws if an arm or scorer is missing, or curves do not overlap.
 */
export function estimated(
  results: readonly SeedResult[],
  estimate: Estimate,
  interval: IntervalOptions,
): Estimated {
  const { mean, low, high } = intervalOf(rowsOf(results, estimate), interval);
  return { estimate, mean, low, high, values: seedValues(results, estimate) };
}

/** The mean over seeds of their prompts' means, with an interval; `rows` are [seed][prompt]. */
export function intervalOf(rows: readonly (readonly number[])[], options: IntervalOptions): Interval {
  const confidence = options.level;
  if ("draws" in options)
    return pairedHierarchicalBootstrap(rows, { seed: BOOTSTRAP_SEED, draws: options.draws, confidence });
  const means = rows.map(mean);
  const [only, ...others] = means;
  if (only !== undefined && others.length === 0) return { mean: only, low: only, high: only };
  return tInterval(means, confidence);
}

/** An estimate on each seed, for charts. */
export function seedValues(
  results: readonly SeedResult[],
  estimate: Estimate,
): { seed: number; value: number }[] {
  return results.map((result) => ({ seed: result.seed, value: mean(rowOf(result, estimate)) }));
}

/** The differences that an association relates on one seed: y in `metric`, x in `on`, labelled by y's treatment. */
export function associationPoints(
  result: SeedResult,
  { metric, on, points }: AssociationEstimate,
): { label: Label; x: number; y: number }[] {
  const at = (measure: string, one: Difference) => mean(combined(result, measure, difference(one, 1)));
  return points.map((point) => ({ label: point.treatment, x: at(on, point.on), y: at(metric, point) }));
}

/** An estimate's display name. */
export function estimateName(estimate: Estimate): string {
  if ("name" in estimate) return estimate.name;
  const { less } = estimate;
  return less ? `(${differenceName(estimate)}) − (${differenceName(less)})` : differenceName(estimate);
}

/** The arms or scorers that an estimate is about. */
export function estimateLabels(estimate: Estimate): Label[] {
  if ("atEqual" in estimate) return [...estimate.treatment, ...estimate.control];
  const differences: readonly Difference[] =
    "slope" in estimate
      ? estimate.slope
      : "points" in estimate
        ? estimate.points.flatMap((point) => [point, point.on])
        : [estimate, ...(estimate.less ? [estimate.less] : [])];
  return differences.flatMap(({ treatment, control }) => [treatment, control]);
}

/** Whether an estimate can be computed: all its arms and scorers have results, and curves overlap on every seed. */
export function isMeasured(results: readonly SeedResult[], estimate: Estimate): boolean {
  return (
    missingLabels(results, estimateLabels(estimate)).length === 0 &&
    seedsWithoutOverlap(results, estimate).length === 0
  );
}

/** The seeds on which the curves of an estimate have no overlap; none for other estimates. */
export function seedsWithoutOverlap(results: readonly SeedResult[], estimate: Estimate): number[] {
  if (!("atEqual" in estimate)) return [];
  return results.filter((result) => gapOf(result, estimate) === undefined).map(({ seed }) => seed);
}

/** The mean difference of two curves on one seed, or undefined if they do not overlap. */
function gapOf(result: SeedResult, { metric, atEqual, treatment, control }: CurvesEstimate) {
  const curve = (labels: readonly Label[]) =>
    labels.map((label) => ({
      x: mean(valuesOf(result, atEqual, label)),
      y: mean(valuesOf(result, metric, label)),
    }));
  return meanGap(curve(treatment), curve(control));
}

function rowsOf(results: readonly SeedResult[], estimate: Estimate): number[][] {
  return results.map((result) => rowOf(result, estimate));
}

/** An estimate on one seed: one number per prompt, or a single one. */
function rowOf(result: SeedResult, estimate: Estimate): number[] {
  if ("atEqual" in estimate) {
    const gap = gapOf(result, estimate);
    if (gap !== undefined) return [gap];
    const { name } = measureNamed(estimate.atEqual);
    throw new Error(`${estimate.name}: no overlap in ${name} on seed ${result.seed}.`);
  }
  if (!("points" in estimate)) return combined(result, estimate.metric, termsOf(estimate));
  const points = associationPoints(result, estimate);
  const weights = leastSquaresWeights(points.map(({ x }) => x));
  return [points.reduce((sum, { y }, index) => sum + weights[index]! * y, 0)];
}

/** One term of a linear combination of measurements. */
interface Term {
  readonly label: Label;
  readonly weight: number;
}

/** An estimate as a linear combination of measurements. */
function termsOf(estimate: DifferenceEstimate | SlopeEstimate): Term[] {
  if ("slope" in estimate) {
    const places = estimate.slope.map(({ at }) => (estimate.scale === "log2" ? Math.log2(at) : at));
    const weights = leastSquaresWeights(places);
    return estimate.slope.flatMap((point, index) => difference(point, weights[index]!));
  }
  return [...difference(estimate, 1), ...(estimate.less ? difference(estimate.less, -1) : [])];
}

function difference({ treatment, control }: Difference, weight: number): Term[] {
  return [
    { label: treatment, weight },
    { label: control, weight: -weight },
  ];
}

/** The weight of each y in the least-squares slope over these x. */
function leastSquaresWeights(xs: readonly number[]): number[] {
  const centre = mean(xs);
  const spread = xs.reduce((sum, x) => sum + (x - centre) ** 2, 0);
  return xs.map((x) => (x - centre) / spread);
}

/** A linear combination of measurements, prompt by prompt if all are over the same prompts, else of their means. */
function combined(result: SeedResult, metric: string, terms: readonly Term[]): number[] {
  const measured = terms.map(({ label, weight }) => ({ weight, values: valuesOf(result, metric, label) }));
  const lengths = new Set(measured.map(({ values }) => values.length));
  const rows = measured.map(({ weight, values }) => ({
    weight,
    values: lengths.size === 1 ? values : [mean(values)],
  }));
  const [first] = rows;
  if (first === undefined) throw new Error("An estimate needs at least one difference.");
  return first.values.map((_, prompt) =>
    rows.reduce((sum, { weight, values }) => sum + weight * values[prompt]!, 0),
  );
}
