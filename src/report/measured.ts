import { mean } from "../evaluation/statistics.ts";
import type { ArmResult, SeedResult } from "../results/collect.ts";
import { sortByLabel, styleOf } from "../results/labels.ts";
import { measureNamed, stylesOf, valuesOf } from "../results/measures.ts";
import type { PlanePoint } from "./charts.ts";

/** The results with these arms alone, in this order. Throws where a seed lacks one. */
export function ofArms(results: readonly SeedResult[], ids: readonly string[]): SeedResult[] {
  return results.map((result) => ({ ...result, arms: ids.map((id) => armOf(result, id)) }));
}

/**
 * Several measures of every arm, averaged over seeds, as rows of a table; shares in percent. `ids` are arms or
 * verifiers, whichever the measures are of; all arms unless told. Throws where one was not measured.
 */
export function measuredRows(
  results: readonly SeedResult[],
  measures: readonly string[],
  ids: readonly string[] = results.flatMap(({ arms }) => arms.map(({ arm }) => arm)),
): Readonly<Record<string, string | number>>[] {
  const table = stylesOf(measures[0]!);
  return sortByLabel(ids, table).map((id) => ({
    arm: styleOf(id, table).name,
    ...Object.fromEntries(
      measures.map((measure) => [heading(measure), factor(measure) * average(results, measure, id)]),
    ),
  }));
}

/** One measure of some arms or verifiers on every seed, for charts. */
export function measuredValues(
  results: readonly SeedResult[],
  measure: string,
  ids: readonly string[],
): { id: string; seed: number; value: number }[] {
  return results.flatMap((result) =>
    ids.map((id) => ({ id, seed: result.seed, value: mean([...valuesOf(result, measure, id)]) })),
  );
}

/** Two measures of every arm on every seed. Throws where one is missing. */
export function planePoints(results: readonly SeedResult[], x: string, y: string): PlanePoint[] {
  return results.flatMap((result) =>
    result.arms.map(({ arm }) => {
      const of = (measure: string) => mean([...valuesOf(result, measure, arm)]);
      return { arm, seed: result.seed, x: of(x), y: of(y) };
    }),
  );
}

/**
 * Each arm's labeller, as accurate as it is as a verifier, beside what the arm gains: `labellers` names the verifier that
 * labelled the arm's pairs, or "gold", which is always right. Throws where an arm or a verifier is missing.
 */
export function scorerPoints(
  results: readonly SeedResult[],
  scorers: Readonly<Record<string, string>>,
  y: string,
): PlanePoint[] {
  return Object.entries(scorers).flatMap(([arm, scorer]) =>
    results.map((result) => ({
      arm,
      seed: result.seed,
      x: scorer === "gold" ? 1 : mean([...valuesOf(result, "accuracy", scorer)]),
      y: mean([...valuesOf(result, y, arm)]),
    })),
  );
}

const average = (results: readonly SeedResult[], measure: string, id: string) =>
  mean(measuredValues(results, measure, [id]).map(({ value }) => value));

const factor = (measure: string) => (measureNamed(measure).unit === "share" ? 100 : 1);

function heading(measure: string): string {
  const { name, unit } = measureNamed(measure);
  return unit === "reward" ? name : `${name}, ${unit === "share" ? "%" : unit}`;
}

function armOf({ seed, arms }: SeedResult, id: string): ArmResult {
  const found = arms.find(({ arm }) => arm === id);
  if (found !== undefined) return found;
  throw new Error(`Seed ${seed} has no arm "${id}"; it has ${arms.map(({ arm }) => arm).join(", ")}.`);
}
