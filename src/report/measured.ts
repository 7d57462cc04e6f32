import { mean } from "../evaluation/statistics.ts";
import type { SeedResult } from "../experiments/experiment.ts";
import { inOrder, styleOf } from "./arms.ts";
import { measureNamed, stylesOf, valuesOf } from "./measures.ts";

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
  return inOrder(ids, table).map((id) => ({
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

const average = (results: readonly SeedResult[], measure: string, id: string) =>
  mean(measuredValues(results, measure, [id]).map(({ value }) => value));

const factor = (measure: string) => (measureNamed(measure).unit === "share" ? 100 : 1);

function heading(measure: string): string {
  const { name, unit } = measureNamed(measure);
  return unit === "reward" ? name : `${name}, ${unit === "share" ? "%" : unit}`;
}
