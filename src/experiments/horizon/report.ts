import { type TrendOptions, type TrendPoint, trendChart, trendSliderChart } from "../../report/charts.ts";
import { estimateCell } from "../../report/estimate-text.ts";
import { estimatedPoints, measuredPoints } from "../../report/points.ts";
import type { VegaLiteSpec } from "../../report/theme.ts";
import type { SeedResult } from "../../results/collect.ts";
import { type Difference, differenceName, type Label } from "../../results/labels.ts";
import { measureNamed } from "../../results/measures.ts";
import type { Preset } from "../../results/presets.ts";
import { openTask } from "../../tasks/open-task.ts";
import type { DifferenceEstimate, Estimate, IntervalOptions } from "../../verdicts/estimates.ts";
import { atPlace, type HorizonAxis, ringAxis, ringConfig } from "./plan.ts";

/** A trend chart of points along an axis, logarithmic in the axis's number. Throws if there are no points. */
export function alongAxisChart(
  points: readonly TrendPoint[],
  axis: HorizonAxis,
  options: Omit<TrendOptions, "x">,
): VegaLiteSpec {
  return trendChart(points, { ...options, x: { title: axis.title, scale: "log" } });
}

/**
 * A measure of arms or scorers along an axis, with a slider for the axis's number and the differences there. Throws if
 * there are no points.
 */
export function alongAxisSliderChart(
  points: readonly TrendPoint[],
  axis: HorizonAxis,
  options: Omit<TrendOptions, "x"> & { readonly pairs: readonly Difference[] },
): VegaLiteSpec {
  return trendSliderChart(points, {
    ...options,
    x: { title: axis.title, scale: "log" },
    slider: { label: axis.title },
  });
}

/** A measure of arms or scorers along an axis. */
export function pointsAlongAxis(
  results: readonly SeedResult[],
  axis: HorizonAxis,
  metric: string,
  labels: readonly Label[],
): TrendPoint[] {
  const places = labels.flatMap((series) =>
    axis.places.map((x) => ({ series, x, label: atPlace(series, axis, x) })),
  );
  return measuredPoints(results, metric, places);
}

/** An arm or a scorer less others along an axis. Each series is labelled by the control. */
export function gapPointsAlongAxis(
  results: readonly SeedResult[],
  axis: HorizonAxis,
  metric: string,
  treatment: Label,
  controls: readonly Label[],
): TrendPoint[] {
  const places = controls.flatMap((control) =>
    axis.places.map((x) => ({
      series: control,
      x,
      estimate: { metric, ...differenceAt({ treatment, control }, axis, x) },
    })),
  );
  return estimatedPoints(results, places);
}

/** The slope of a difference per doubling of an axis's number, as registered. */
export function slopeAlongAxis(axis: HorizonAxis, metric: string, difference: Difference): Estimate {
  return {
    metric,
    name: `Slope of ${differenceName(difference)} per doubling of ${axis.symbol}`,
    scale: "log2",
    slope: axis.places.map((at) => ({ at, ...differenceAt(difference, axis, at) })),
  };
}

/**
 * Differences at every place of an axis with their intervals, as rows of a table, shares in points. Columns name the
 * measure if it is not the same for all.
 */
export function gapRowsAlongAxis(
  results: readonly SeedResult[],
  axis: HorizonAxis,
  gaps: readonly Pick<DifferenceEstimate, "metric" | "treatment" | "control">[],
  interval: IntervalOptions,
): Record<string, string | number>[] {
  const oneMeasure = new Set(gaps.map(({ metric }) => metric)).size === 1;
  return axis.places.map((place) => ({
    [axis.symbol]: place,
    ...Object.fromEntries(
      gaps.map(({ metric, ...difference }) => {
        const name = differenceName(difference);
        const estimate = { metric, ...differenceAt(difference, axis, place) };
        return [
          oneMeasure ? name : `${name}, ${measureNamed(metric).name}`,
          estimateCell(results, estimate, interval),
        ];
      }),
    ),
  }));
}

function differenceAt({ treatment, control }: Difference, axis: HorizonAxis, place: number): Difference {
  return { treatment: atPlace(treatment, axis, place), control: atPlace(control, axis, place) };
}

/**
 * Walks on a seed's ring at every horizon, as rows of a table: the first human walk, and the first reference walk, which
 * the careful human wrote, with their gold rewards.
 */
export function exampleWalkRows(preset: Preset, seed: number): Record<string, string | number>[] {
  return ringAxis.places.map((horizon) => {
    const { task: spec, sizes } = ringConfig(preset, horizon);
    const task = openTask(spec);
    const { demonstrations, evaluation } = task.data(seed, sizes);
    const [[walk], [reference]] = [demonstrations, evaluation];
    if (walk === undefined || reference === undefined || task.optimum === undefined)
      throw new Error(`The ring of horizon ${horizon} has no walks to show.`);
    return {
      H: horizon,
      "human walk": task.text(walk.completion),
      gold: task.score(walk.prompt, walk.completion),
      "reference walk": task.text(reference.completion),
      "gold of it": task.score(reference.prompt, reference.completion),
      "the best in reach": task.optimum(reference.prompt),
    };
  });
}
