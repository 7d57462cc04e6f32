import { sortByLabel, styleOf } from "../../results/labels.ts";
import { CONTENT, QUIET, SMALL, type VegaLiteSpec } from "../theme.ts";
import { labelWidth, linePanel, type Point, type Series, Y_AXIS } from "./lines.ts";
import { heading, type Titles } from "./titles.ts";
import { groupBy, mean, niceScale, requireNumbers, requireRows } from "./values.ts";

/** One logged value of a metric, under TRL's name for it. */
export interface MetricValue {
  readonly arm: string;
  readonly seed: number;
  /** Optimiser steps so far. */
  readonly step: number;
  readonly metric: string;
  readonly value: number;
}

export interface TrainingCurvesOptions extends Titles {
  readonly xTitle?: string;
}

const MEANING: Readonly<Record<string, string>> = {
  loss: "training loss",
  "rewards/margins": "implicit reward, chosen minus rejected",
  "rewards/accuracies": "share of pairs whose chosen completion has the higher implicit reward",
  "rewards/chosen": "implicit reward of the chosen completion",
  "rewards/rejected": "implicit reward of the rejected completion",
  "logps/chosen": "log-probability of the chosen completion, nats",
  "logps/rejected": "log-probability of the rejected completion, nats",
};

/** The most points that a whole figure draws, so that its SVG stays small however long the run was. */
const BUDGET = 5000;

/**
 * Metrics over training, one panel below the other: thin lines are seeds, heavy lines their mean. Steps are
 * averaged within bins of equal width, as many as `BUDGET` allows and at most 60; the mean is drawn where
 * every seed of the arm has a value. Throws where a metric of `metrics` has no rows or a number is missing.
 */
export function trainingCurvesChart(
  rows: readonly MetricValue[],
  metrics: readonly string[],
  options: TrainingCurvesOptions = {},
): VegaLiteSpec {
  const chart = "trainingCurvesChart";
  requireRows(chart, "rows", rows);
  requireRows(chart, "metrics", metrics);
  requireNumbers(chart, rows, ["seed", "step", "value"]);
  const byMetric = groupBy(rows, (row) => row.metric);
  const absent = metrics.find((metric) => !byMetric.has(metric));
  if (absent)
    throw new Error(
      `${chart}: metric "${absent}" has no rows; there are ${[...byMetric.keys()].map((m) => `"${m}"`).join(", ")}.`,
    );

  const drawn = metrics.map((metric) => byMetric.get(metric)!);
  const lastStep = drawn.flat().reduce((last, row) => Math.max(last, row.step), 1);
  const lines = drawn.reduce((sum, some) => sum + groupBy(some, (row) => `${row.arm}/${row.seed}`).size, 0);
  const bins = Math.min(60, Math.max(8, Math.floor(BUDGET / lines)));
  const scale = niceScale([0, lastStep], 4);
  const x = { domain: [0, lastStep] as const, ticks: scale.ticks.filter((tick) => tick <= lastStep) };
  const series = drawn.map((some) => curves(some, bins, lastStep));
  const width = CONTENT - Y_AXIS - labelWidth(series.flat().map((one) => one.name));
  const panels = series.map((some, at) =>
    linePanel(some, {
      width,
      height: Math.max(120, 17 * some.length + 20),
      x,
      ...(at === series.length - 1 ? { xTitle: options.xTitle ?? "Optimiser step" } : {}),
      title: panelTitle(metrics[at]!),
    }),
  );
  const title = options.title ?? "Training";
  return {
    title: heading({
      title,
      subtitle: options.subtitle ?? "Heavy lines: mean over seeds. Thin lines: single seeds.",
    }),
    description: `${metrics.join(", ")} over ${lastStep} optimiser steps. At the end: ${metrics
      .map(
        (metric, at) =>
          `${metric} ${series[at]!.map((one) => `${one.name} ${one.mean.at(-1)!.y.toPrecision(3)}`).join(", ")}`,
      )
      .join("; ")}.`,
    spacing: 14,
    vconcat: panels,
  };
}

const panelTitle = (metric: string) => ({
  text: metric,
  ...(MEANING[metric] ? { subtitle: MEANING[metric] } : {}),
  fontSize: SMALL,
  subtitleFontSize: SMALL,
  subtitleColor: QUIET,
  subtitlePadding: 2,
  offset: 8,
});

function curves(rows: readonly MetricValue[], bins: number, lastStep: number): Series[] {
  const byArm = groupBy(rows, (row) => row.arm);
  return sortByLabel(byArm.keys()).map((arm) => {
    const { name, colour, ink } = styleOf(arm);
    const seeds = [...groupBy(byArm.get(arm)!, (row) => row.seed).values()].map((seed) =>
      binned(seed, bins, lastStep),
    );
    return { name, colour, ink, seeds: seeds.map((seed) => [...seed.values()]), mean: meanCurve(seeds) };
  });
}

/** One seed's line in bins of equal width; a line of half the length has half as many. */
function binned(rows: readonly MetricValue[], bins: number, lastStep: number): Map<number, Point> {
  const steps = rows.map((row) => row.step);
  const [first, last] = [Math.min(...steps), Math.max(...steps)];
  const own = Math.max(1, Math.round((bins * (last - first)) / lastStep));
  const binOf = (step: number) => Math.min(own - 1, Math.floor(((step - first) / (last - first || 1)) * own));
  const byBin = groupBy(rows, (row) => binOf(row.step));
  return new Map(
    [...byBin]
      .sort(([a], [b]) => a - b)
      .map(([bin, some]) => [
        bin,
        { x: mean(some.map((row) => row.step)), y: mean(some.map((row) => row.value)) },
      ]),
  );
}

function meanCurve(seeds: readonly Map<number, Point>[]): Point[] {
  const common = [...seeds[0]!.keys()].filter((bin) => seeds.every((seed) => seed.has(bin)));
  return common.map((bin) => {
    const points = seeds.map((seed) => seed.get(bin)!);
    return { x: mean(points.map((point) => point.x)), y: mean(points.map((point) => point.y)) };
  });
}
