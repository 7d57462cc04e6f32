import { mean } from "../evaluation/statistics.ts";
import type { SeedResult } from "../results/collect.ts";
import { type Label, sameLabel, scorers, sortLabels } from "../results/labels.ts";
import {
  armOf,
  averageOf,
  measureNamed,
  missingLabels,
  presentLabels,
  valuesOf,
} from "../results/measures.ts";
import type { PlanePoint } from "./charts.ts";

/** The results with only these arms, in this order, without missing ones. Throws if one is not in the plan. */
export function ofArms(results: readonly SeedResult[], arms: readonly Label[]): SeedResult[] {
  const present = presentLabels(results, arms);
  return results.map((result) => ({ ...result, arms: present.map((arm) => armOf(result, arm)) }));
}

/**
 * Several measures averaged over seeds, as rows of a table, shares in percent. `labels` are arms or scorers, as the
 * measures are of one or the other; by default all arms. Missing ones are left out. Throws if one was not measured.
 */
export function measuredRows(
  results: readonly SeedResult[],
  measures: readonly string[],
  labels: readonly Label[] = results.flatMap(({ arms }) => arms.map(({ arm }) => arm)),
): Readonly<Record<string, string | number>>[] {
  return sortLabels(presentLabels(results, labels)).map((label) => ({
    arm: label.name,
    ...Object.fromEntries(
      measures.map((measure) => [heading(measure), factor(measure) * averageOf(results, measure, label)]),
    ),
  }));
}

/** One measure of some arms or scorers, without missing ones, on every seed. */
export function measuredValues(
  results: readonly SeedResult[],
  measure: string,
  labels: readonly Label[],
): { label: Label; seed: number; value: number }[] {
  const present = presentLabels(results, labels);
  return results.flatMap((result) =>
    present.map((label) => ({ label, seed: result.seed, value: mean(valuesOf(result, measure, label)) })),
  );
}

/** Two measures of every arm on every seed. Throws if one was not measured. */
export function planePoints(results: readonly SeedResult[], x: string, y: string): PlanePoint[] {
  return results.flatMap((result) =>
    result.arms.map(({ arm }) => ({
      arm,
      seed: result.seed,
      x: mean(valuesOf(result, x, arm)),
      y: mean(valuesOf(result, y, arm)),
    })),
  );
}

/** An arm and the scorer that ranked its training samples. */
export interface ScoredArm {
  readonly arm: Label;
  readonly scorer: Label;
}

/**
 * For each arm the accuracy of its scorer and the measure `y` of the arm, on every seed. Gold is always right. Missing
 * arms, and arms with a missing scorer, are left out.
 */
export function scorerPoints(
  results: readonly SeedResult[],
  scoredArms: readonly ScoredArm[],
  y: string,
): PlanePoint[] {
  const present = scoredArms.filter(({ arm, scorer }) => missingLabels(results, [arm, scorer]).length === 0);
  return present.flatMap(({ arm, scorer }) =>
    results.map((result) => ({
      arm,
      seed: result.seed,
      x: sameLabel(scorer, scorers.gold) ? 1 : mean(valuesOf(result, "accuracy", scorer)),
      y: mean(valuesOf(result, y, arm)),
    })),
  );
}

const factor = (measure: string) => (measureNamed(measure).unit === "share" ? 100 : 1);

function heading(measure: string): string {
  const { name, unit } = measureNamed(measure);
  return unit === "reward" ? name : `${name}, ${unit === "share" ? "%" : unit}`;
}
