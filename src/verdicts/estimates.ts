import { pairedHierarchicalBootstrap } from "../evaluation/bootstrap.ts";
import { mean } from "../evaluation/statistics.ts";
import type { SeedResult } from "../results/collect.ts";
import { type Difference, differenceName, type Label } from "../results/labels.ts";
import { missingLabels, valuesOf } from "../results/measures.ts";

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

/** A number that is measured on every seed. */
export type Estimate = DifferenceEstimate | SlopeEstimate | AssociationEstimate;

/** Differences in one measure, each given as treatment and control. */
export function differencesIn(
  metric: string,
  pairs: readonly (readonly [treatment: Label, control: Label])[],
): DifferenceEstimate[] {
  return pairs.map(([treatment, control]) => ({ metric, treatment, control }));
}

/** How intervals are computed. */
export interface IntervalOptions {
  readonly draws: number;
  readonly level: number;
}

/** An estimate with its interval, and its value on each seed. */
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
 * An estimate from the results, with its bootstrap interval. Differences are taken prompt by prompt if all terms were
 * measured on the same prompts, else seed by seed. Throws if an arm or scorer is missing.
 */
export function estimated(
  results: readonly SeedResult[],
  estimate: Estimate,
  { draws, level }: IntervalOptions,
): Estimated {
  const rows = rowsOf(results, estimate);
  const options = { seed: BOOTSTRAP_SEED, draws, confidence: level };
  const { mean: centre, low, high } = pairedHierarchicalBootstrap(rows, options);
  return { estimate, mean: centre, low, high, values: seedValues(results, estimate) };
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
  const differences: readonly Difference[] =
    "slope" in estimate
      ? estimate.slope
      : "points" in estimate
        ? estimate.points.flatMap((point) => [point, point.on])
        : [estimate, ...(estimate.less ? [estimate.less] : [])];
  return differences.flatMap(({ treatment, control }) => [treatment, control]);
}

/** Whether all arms and scorers of an estimate have results; see `SeedResult.missing`. */
export function isMeasured(results: readonly SeedResult[], estimate: Estimate): boolean {
  return missingLabels(results, estimateLabels(estimate)).length === 0;
}

function rowsOf(results: readonly SeedResult[], estimate: Estimate): number[][] {
  return results.map((result) => rowOf(result, estimate));
}

/** An estimate on one seed: one number per prompt, or a single one. */
function rowOf(result: SeedResult, estimate: Estimate): number[] {
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
