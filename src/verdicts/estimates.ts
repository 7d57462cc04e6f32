import { pairedHierarchicalBootstrap } from "../evaluation/bootstrap.ts";
import { mean } from "../evaluation/statistics.ts";
import type { SeedResult } from "../results/collect.ts";
import { contrastId, contrastName } from "../results/labels.ts";
import { stylesOf, valuesOf } from "../results/measures.ts";
import type { Contrast } from "./contrasts.ts";
import type { Estimate, Registration } from "./registration.ts";

/** One term of a linear combination of measurements. */
interface Term {
  readonly id: string;
  readonly weight: number;
}

/** Decides the bootstrap's draws; any number would do. */
export const BOOTSTRAP_SEED = 20_250_301;

/** An estimate with its interval and what it was on each seed. */
export interface Estimated extends Contrast {
  readonly estimate: Estimate;
  readonly values: readonly { readonly seed: number; readonly value: number }[];
}

/**
 * An estimate from the results, with the interval of a registration. Differences are taken prompt by prompt where all
 * terms were measured on the same prompts, and seed by seed elsewhere. Throws where an arm or verifier is missing.
 */
export function estimated(
  results: readonly SeedResult[],
  estimate: Estimate,
  { draws, level }: Pick<Registration["interval"], "draws" | "level">,
): Estimated {
  const rows = rowsOf(results, estimate);
  const options = { seed: BOOTSTRAP_SEED, draws, confidence: level };
  const { mean: centre, low, high } = pairedHierarchicalBootstrap(rows, options);
  const seeds = results.map(({ seed }) => seed);
  return {
    id: estimateId(estimate),
    estimate,
    mean: centre,
    low,
    high,
    seeds,
    values: seedValues(results, estimate),
  };
}

/** An estimate on each seed, for charts. */
export function seedValues(
  results: readonly SeedResult[],
  estimate: Estimate,
): { seed: number; value: number }[] {
  return rowsOf(results, estimate).map((row, index) => ({ seed: results[index]!.seed, value: mean(row) }));
}

function rowsOf(results: readonly SeedResult[], estimate: Estimate): number[][] {
  if ("points" in estimate) {
    return results.map((result) => {
      const points = associationPoints(result, estimate);
      return [
        leastSquares(points.map(({ x }) => x)).reduce((sum, weight, at) => sum + weight * points[at]!.y, 0),
      ];
    });
  }
  return results.map((result) => combined(result, estimate.metric, termsOf(estimate)));
}

/** A slope of differences on other differences. */
export type Association = Extract<Estimate, { readonly points: unknown }>;

/** The differences that an association relates on one seed: y in `metric`, x in `on`. */
export function associationPoints(
  result: SeedResult,
  { metric, on, points }: Association,
): { id: string; x: number; y: number }[] {
  const at = (measure: string, one: { treatment: string; control: string }) =>
    mean(combined(result, measure, difference(one, 1)));
  return points.map((point) => ({ id: point.treatment, x: at(on, point.on), y: at(metric, point) }));
}

/** By what each y counts in the slope of least squares on these places. */
function leastSquares(places: readonly number[]): number[] {
  const centre = mean(places);
  const spread = places.reduce((sum, place) => sum + (place - centre) ** 2, 0);
  return places.map((place) => (place - centre) / spread);
}

/** What an estimate is called in data: its arms, and its metric where several may be meant. */
export function estimateId(estimate: Estimate): string {
  if ("name" in estimate) return estimate.name;
  const { treatment, control, less } = estimate;
  const id = contrastId(treatment, control);
  return less ? `${id} less ${contrastId(less.treatment, less.control)}` : id;
}

/** What an estimate is called for people. */
export function estimateName(estimate: Estimate): string {
  if ("name" in estimate) return estimate.name;
  const { metric, treatment, control, less } = estimate;
  const named = (one: { treatment: string; control: string }) =>
    contrastName(contrastId(one.treatment, one.control), stylesOf(metric));
  const name = named({ treatment, control });
  return less ? `(${name}) − (${named(less)})` : name;
}

/** An estimate as a linear combination of measurements; a slope is that of least squares. */
function termsOf(estimate: Exclude<Estimate, Association>): Term[] {
  if ("slope" in estimate) {
    const weights = leastSquares(
      estimate.slope.map(({ at }) => (estimate.scale === "log2" ? Math.log2(at) : at)),
    );
    return estimate.slope.flatMap((point, index) => difference(point, weights[index]!));
  }
  return [...difference(estimate, 1), ...(estimate.less ? difference(estimate.less, -1) : [])];
}

function difference({ treatment, control }: { treatment: string; control: string }, weight: number): Term[] {
  return [
    { id: treatment, weight },
    { id: control, weight: -weight },
  ];
}

function combined(result: SeedResult, metric: string, terms: readonly Term[]): number[] {
  const values = terms.map(({ id }) => valuesOf(result, metric, id));
  const samePrompts = values.every(({ length }) => length === values[0]!.length);
  const aligned = samePrompts ? values : values.map((own) => [mean([...own])]);
  return aligned[0]!.map((_, prompt) =>
    terms.reduce((sum, { weight }, term) => sum + weight * aligned[term]![prompt]!, 0),
  );
}
