import { mean } from "../../evaluation/statistics.ts";
import { type Label, namesSideBySide } from "../../results/labels.ts";
import { CONTENT, QUIET, SMALL, type VegaLiteSpec } from "../theme.ts";
import { meanOverBins } from "./binning.ts";
import { curvesChart } from "./curves.ts";
import { endOf, horizontalAxis, labelWidth, linePanel, meansByX, Y_AXIS } from "./lines.ts";
import { heading, type Titles } from "./titles.ts";
import {
  decimals,
  groupBy,
  groupByLabel,
  niceScale,
  requireNumbers,
  requireRows,
  shortNumber,
} from "./values.ts";

/* Charts of curves. */

/** One seed's value of `series` at `x`. */
export interface TrendPoint {
  readonly series: Label;
  readonly x: number;
  readonly seed: number;
  readonly value: number;
}

/** Titles, text and axes of `trendChart`. */
export interface TrendOptions extends Titles {
  readonly title: string;
  /** Alternative text; by default the means. */
  readonly description?: string;
  readonly x: { readonly title: string; readonly scale: "linear" | "log" };
  /** `percent`: values from 0 to 1 are shown in percent. */
  readonly y: { readonly title: string; readonly percent?: boolean };
}

/**
 * How a value changes with a number: each series' mean over seeds as a line, each seed as a dot, and a line at zero if
 * there are values on both sides of it. Throws if a number is missing, or is not above 0 on a logarithmic axis.
 */
export function trendChart(points: readonly TrendPoint[], options: TrendOptions): VegaLiteSpec {
  const chart = "trendChart";
  const { x, y } = options;
  requireRows(chart, "points", points);
  requireNumbers(chart, points, ["x", "seed", "value"]);
  const log = x.scale === "log";
  const low = points.find((point) => log && point.x <= 0);
  if (low)
    throw new Error(
      `${chart}: a logarithmic axis needs numbers above 0, and "${low.series.name}" has x = ${low.x}.`,
    );

  const factor = y.percent ? 100 : 1;
  const bySeries = groupByLabel(points, ({ series }) => series);
  const names = namesSideBySide(bySeries.map(([label]) => label));
  const series = bySeries.map(([label, own]) => {
    const scaled = own.map((point) => ({ x: point.x, y: factor * point.value, seed: point.seed }));
    return {
      label,
      name: names.get(label.id) ?? label.name,
      colour: label.colour,
      ink: label.ink,
      mean: meansByX(scaled),
      seeds: [...groupBy(scaled, ({ seed }) => seed).values()],
    };
  });
  const width = CONTENT - Y_AXIS - labelWidth(series.map(({ name }) => name));
  const panel = linePanel(series, {
    width,
    height: 230,
    x: horizontalAxis(
      points.map((point) => point.x),
      log,
      width,
    ),
    xTitle: log ? `${x.title} (logarithmic)` : x.title,
    dots: true,
    seeds: "dots",
  });
  const signs = new Set(points.map(({ value }) => Math.sign(value)));
  const zero = {
    data: { values: [{ zero: 0 }] },
    mark: { type: "rule", color: QUIET, strokeWidth: 1.2 },
    encoding: { y: { field: "zero", type: "quantitative" } },
  };
  const unit = y.percent ? `${y.title}, %` : y.title;
  const digits = y.percent ? 1 : 2;
  const summary = series.map(
    ({ label, mean }) =>
      `${label.name} ${mean.map((one) => `${decimals(one.y, digits)} at ${shortNumber(one.x)}`).join(", ")}`,
  );
  return {
    title: heading({
      title: options.title,
      subtitle: options.subtitle ?? `${unit}. Lines: means. Dots: single seeds.`,
    }),
    description: options.description ?? `${unit} by ${x.title}, means over seeds: ${summary.join("; ")}.`,
    ...panel,
    layer: signs.has(1) && signs.has(-1) ? [zero, ...panel.layer] : panel.layer,
  };
}

/** One seed's mean gold reward when `scorer` picks the best of `n` samples. */
export interface BestOfN {
  readonly scorer: Label;
  readonly seed: number;
  readonly n: number;
  readonly value: number;
}

/**
 * Best-of-N curves on a logarithmic axis of N: the mean over seeds for each scorer, with thin lines for single seeds.
 * Throws if a number is missing or the seeds of a scorer were not measured at the same N.
 */
export function bestOfNChart(rows: readonly BestOfN[], options: Titles = {}): VegaLiteSpec {
  const chart = "bestOfNChart";
  requireRows(chart, "rows", rows);
  requireNumbers(chart, rows, ["seed", "n", "value"]);
  const below = rows.find((row) => row.n < 1);
  if (below)
    throw new Error(
      `${chart}: N must be at least 1, and a row of scorer "${below.scorer.name}" has ${below.n}.`,
    );

  const series = groupByLabel(rows, ({ scorer }) => scorer).map(([{ name, colour, ink }, own]) => {
    const points = own.map(({ seed, n, value }) => ({ seed, x: n, y: value })).sort((a, b) => a.x - b.x);
    const bySeed = [...groupBy(points, ({ seed }) => seed)];
    const [first, ...others] = bySeed.map(([seed, some]) => ({
      seed,
      ns: some.map(({ x }) => x).join(", "),
    }));
    const different = others.find(({ ns }) => ns !== first?.ns);
    if (first && different)
      throw new Error(
        `${chart}: scorer "${name}" has N = ${first.ns} for seed ${first.seed} but ` +
          `N = ${different.ns} for seed ${different.seed}; measure every seed once at the same N.`,
      );
    return { name, colour, ink, mean: meansByX(points), seeds: bySeed.map(([, some]) => some) };
  });
  const ns = [...new Set(rows.map((row) => row.n))].sort((a, b) => a - b);
  const [least, most] = [Math.min(...ns), Math.max(...ns)];
  return {
    title: heading({
      title: options.title ?? "Best of N",
      subtitle: options.subtitle ?? "Gold reward of each scorer's first choice. Thin lines: single seeds.",
    }),
    description: `Mean gold reward of the completion ranked first among ${most}: ${series
      .map((one) => `${one.name} ${endOf(one).y.toPrecision(3)}`)
      .join("; ")}.`,
    ...linePanel(series, {
      width: CONTENT - Y_AXIS - labelWidth(series.map((one) => one.name)),
      height: 230,
      x: { domain: [least, most === least ? most * 2 : most], ticks: ns, log: true },
      xTitle: "N, samples per prompt (logarithmic)",
      dots: true,
    }),
  };
}

/** One arm on one seed at one temperature; 0 is greedy decoding, whose entropy is 0. */
export interface FrontierValue {
  readonly arm: Label;
  readonly seed: number;
  readonly temperature: number;
  /** In nats per decided token. */
  readonly entropy: number;
  /** Mean gold reward. */
  readonly reward: number;
}

/**
 * Gold reward against entropy from T = 1 down to greedy decoding: one curve per arm with one point per temperature, and
 * thin lines for single seeds. At equal entropy the higher curve is the better policy; movement along a curve only
 * changes sharpness. Throws if a number is missing.
 */
export function frontierChart(rows: readonly FrontierValue[], options: Titles = {}): VegaLiteSpec {
  requireRows("frontierChart", "rows", rows);
  requireNumbers("frontierChart", rows, ["seed", "temperature", "entropy", "reward"]);
  const byArm = groupByLabel(rows, ({ arm }) => arm);
  const names = namesSideBySide(byArm.map(([arm]) => arm));
  const curves = byArm.map(([arm, own]) => {
    const points = own
      .map(({ seed, temperature, entropy, reward }) => ({ seed, temperature, x: entropy, y: reward }))
      .sort((a, b) => a.temperature - b.temperature);
    return {
      name: names.get(arm.id) ?? arm.name,
      colour: arm.colour,
      ink: arm.ink,
      points: [...groupBy(points, ({ temperature }) => temperature).values()].map((some) => ({
        x: mean(some.map(({ x }) => x)),
        y: mean(some.map(({ y }) => y)),
      })),
      draws: [...groupBy(points, ({ seed }) => seed).values()],
    };
  });
  const entropies = rows.map(({ entropy }) => entropy);
  const greatest = Math.max(...entropies);
  const summary = curves.map(({ name, points }) => {
    const [greedy, sampled] = [points.at(0), points.at(-1)];
    if (greedy === undefined || sampled === undefined)
      throw new Error(`frontierChart: "${name}" has no rows.`);
    return `${name} ${decimals(greedy.y, 2)}, ${decimals(sampled.y, 2)} at ${decimals(sampled.x, 2)} nats`;
  });
  return curvesChart([{ curves }], {
    title: options.title ?? "Reward against entropy",
    subtitle:
      options.subtitle ??
      "Gold reward, from greedy decoding at the left to T = 1 at the right end of each curve. Thin lines: single seeds.",
    description: `Gold reward, greedy and at T = 1 with its entropy: ${summary.join("; ")}.`,
    xTitle: "Entropy, nats per decided token",
    ticks: niceScale(entropies).ticks.filter((tick) => tick <= greatest),
    dots: true,
    height: 300,
  });
}

/** One logged value of a metric, under TRL's name for it. */
export interface MetricValue {
  readonly arm: Label;
  readonly seed: number;
  /** Optimiser steps so far. */
  readonly step: number;
  readonly metric: string;
  readonly value: number;
}

/** Options of `trainingCurvesChart`. */
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

/** The most points in one figure, so that its SVG stays small for long runs. */
const BUDGET = 5000;

/**
 * Metrics over training, one panel each: thin lines for seeds, heavy lines for their mean. Steps are averaged within
 * bins of equal width, as many as `BUDGET` allows and at most 60; the mean is drawn where every seed of the arm has a
 * value. Throws if a metric of `metrics` has no rows or a number is missing.
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
  const drawn = metrics.map((metric) => {
    const own = byMetric.get(metric);
    if (own === undefined)
      throw new Error(
        `${chart}: metric "${metric}" has no rows; there are ${[...byMetric.keys()].map((m) => `"${m}"`).join(", ")}.`,
      );
    return { metric, rows: own };
  });

  const lastStep = drawn.flatMap((one) => one.rows).reduce((last, { step }) => Math.max(last, step), 1);
  const lineCount = drawn.reduce(
    (sum, one) => sum + groupBy(one.rows, ({ arm, seed }) => `${arm.id}/${seed}`).size,
    0,
  );
  const bins = Math.min(60, Math.max(8, Math.floor(BUDGET / lineCount)));
  const x = {
    domain: [0, lastStep] as const,
    ticks: niceScale([0, lastStep], 4).ticks.filter((tick) => tick <= lastStep),
  };
  const panels = drawn.map((one) => ({
    metric: one.metric,
    series: groupByLabel(one.rows, ({ arm }) => arm).map(([{ name, colour, ink }, own]) => ({
      name,
      colour,
      ink,
      ...meanOverBins(
        own.map(({ seed, step, value }) => ({ seed, x: step, y: value })),
        bins,
        lastStep,
      ),
    })),
  }));
  const width = CONTENT - Y_AXIS - labelWidth(panels.flatMap(({ series }) => series.map(({ name }) => name)));
  return {
    title: heading({
      title: options.title ?? "Training",
      subtitle: options.subtitle ?? "Heavy lines: mean over seeds. Thin lines: single seeds.",
    }),
    description: `${metrics.join(", ")} over ${lastStep} optimiser steps. At the end: ${panels
      .map(
        ({ metric, series }) =>
          `${metric} ${series.map((one) => `${one.name} ${endOf(one).y.toPrecision(3)}`).join(", ")}`,
      )
      .join("; ")}.`,
    spacing: 14,
    vconcat: panels.map(({ metric, series }, at) =>
      linePanel(series, {
        width,
        height: Math.max(120, 17 * series.length + 20),
        x,
        ...(at === panels.length - 1 ? { xTitle: options.xTitle ?? "Optimiser step" } : {}),
        title: panelTitle(metric),
      }),
    ),
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
