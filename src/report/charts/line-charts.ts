import { type Label, namesSideBySide } from "../../results/labels.ts";
import { dashOf } from "../dashes.ts";
import { atBothWidths } from "../layout.ts";
import { QUIET, type VegaLiteSpec } from "../theme.ts";
import { meanOverBins } from "./binning.ts";
import { curvesChart } from "./curves.ts";
import { bandsByX, crossOf, drawsSingles, intervalNote, seedCount } from "./intervals.ts";
import { lineFigure, panelAxis } from "./line-figure.ts";
import { endOf, meansByX } from "./lines.ts";
import type { Titles } from "./titles.ts";
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
 * How a value changes with a number: each series' mean over seeds as a line with its 95 % t interval as a band, and a line
 * at zero if there are values on both sides of it. Throws if a number is missing, or is not above 0 on a logarithmic axis.
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

  const series = trendSeries(points, y.percent ? 100 : 1);
  const unit = y.percent ? `${y.title}, %` : y.title;
  const digits = y.percent ? 1 : 2;
  const summary = series.map(
    ({ label, mean }) =>
      `${label.name} ${mean.map((one) => `${decimals(one.y, digits)} at ${shortNumber(one.x)}`).join(", ")}`,
  );
  const signs = new Set(points.map(({ value }) => Math.sign(value)));
  const text = {
    title: options.title,
    subtitle: options.subtitle ?? intervalNote(seedCount(points)),
    description: options.description ?? `${unit} by ${x.title}, means over seeds: ${summary.join("; ")}.`,
  };
  return atBothWidths((layout) => {
    const { axis } = panelAxis(layout, series, points, log);
    const figure = lineFigure(
      layout,
      [
        {
          series,
          options: {
            height: 260,
            x: axis,
            xTitle: log ? `${x.title} (logarithmic)` : x.title,
            yTitle: unit,
            dots: true,
          },
        },
      ],
      text,
    );
    return signs.has(1) && signs.has(-1) ? withZeroLine(figure) : figure;
  });
}

/** The curves of a trend: a mean and an interval for each x. */
export function trendSeries(points: readonly TrendPoint[], factor = 1) {
  const bySeries = groupByLabel(points, ({ series }) => series);
  const names = namesSideBySide(bySeries.map(([label]) => label));
  return bySeries.map(([label, own]) => {
    const scaled = own.map(({ x, seed, value }) => ({ x, seed, y: factor * value }));
    return {
      label,
      name: names.get(label.id) ?? label.name,
      colour: label.colour,
      ink: label.ink,
      dash: dashOf(label),
      mean: meansByX(scaled),
      band: bandsByX(scaled),
      seeds: drawsSingles(seedCount(points)) ? bySeed(scaled) : [],
    };
  });
}

/** The curve of each seed. */
function bySeed<P extends { readonly x: number; readonly seed: number }>(points: readonly P[]): P[][] {
  return [...groupBy(points, ({ seed }) => seed).values()].map((own) => own.sort((a, b) => a.x - b.x));
}

/** A figure with a line at zero below the curves of its last panel. */
function withZeroLine(figure: VegaLiteSpec): VegaLiteSpec {
  const zero = {
    data: { values: [{ zero: 0 }] },
    mark: { type: "rule", color: QUIET, strokeWidth: 1.2 },
    encoding: { y: { field: "zero", type: "quantitative" } },
  };
  if (Array.isArray(figure.layer)) return { ...figure, layer: [zero, ...figure.layer] };
  const panels = figure.vconcat as VegaLiteSpec[];
  return { ...figure, vconcat: [...panels.slice(0, -1), ...panels.slice(-1).map(withZeroLine)] };
}

/** One seed's mean gold reward when `scorer` picks the best of `n` samples. */
export interface BestOfN {
  readonly scorer: Label;
  readonly seed: number;
  readonly n: number;
  readonly value: number;
}

/**
 * Best-of-N curves on a logarithmic axis of N: the mean over seeds for each scorer, with its 95 % t interval as a band.
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
  for (const [scorer, own] of groupByLabel(rows, ({ scorer }) => scorer)) requireSameN(chart, scorer, own);

  const points = rows.map(({ scorer, n, ...row }) => ({ ...row, series: scorer, x: n }));
  const series = trendSeries(points);
  const ns = [...new Set(rows.map((row) => row.n))].sort((a, b) => a - b);
  const [least, most] = [Math.min(...ns), Math.max(...ns)];
  const text = {
    title: options.title ?? "Best of N",
    subtitle:
      options.subtitle ?? `Gold reward of each scorer's first choice. ${intervalNote(seedCount(rows))}`,
    description: `Mean gold reward of the completion ranked first among ${most}: ${series
      .map((one) => `${one.name} ${endOf(one).y.toPrecision(3)}`)
      .join("; ")}.`,
  };
  const panel = {
    series,
    options: {
      height: 260,
      x: { domain: [least, most === least ? most * 2 : most] as const, ticks: ns, log: true },
      xTitle: "N, samples per prompt (logarithmic)",
      yTitle: "Gold reward",
      dots: true,
    },
  };
  return atBothWidths((layout) => lineFigure(layout, [panel], text));
}

/** Throws unless every seed of a scorer was measured once at the same N. */
function requireSameN(chart: string, { name }: Label, rows: readonly BestOfN[]): void {
  const [first, ...others] = [...groupBy(rows, ({ seed }) => seed)].map(([seed, own]) => ({
    seed,
    ns: own
      .map(({ n }) => n)
      .sort((a, b) => a - b)
      .join(", "),
  }));
  const different = others.find(({ ns }) => ns !== first?.ns);
  if (first && different)
    throw new Error(
      `${chart}: scorer "${name}" has N = ${first.ns} for seed ${first.seed} but ` +
        `N = ${different.ns} for seed ${different.seed}; measure every seed once at the same N.`,
    );
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
 * bars for the 95 % t intervals of both. At equal entropy the higher curve is the better policy; movement along a curve only
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
    const means = [...groupBy(points, ({ temperature }) => temperature).values()].map(crossOf);
    return {
      name: names.get(arm.id) ?? arm.name,
      colour: arm.colour,
      ink: arm.ink,
      dash: dashOf(arm),
      points: means,
      bars: means,
      draws: drawsSingles(seedCount(own)) ? [...groupBy(points, ({ seed }) => seed).values()] : [],
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
      `From greedy decoding at the left to T = 1 at the right end of each curve. ${intervalNote(seedCount(rows), "bars")}`,
    description: `Gold reward, greedy and at T = 1 with its entropy: ${summary.join("; ")}.`,
    xTitle: "Entropy, nats per decided token",
    yTitle: "Gold reward",
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
  loss: "Training loss",
  "rewards/margins": "Implicit reward, chosen − rejected",
  "rewards/accuracies": "Pairs in the right order, share",
  "rewards/chosen": "Implicit reward of the chosen",
  "rewards/rejected": "Implicit reward of the rejected",
  "logps/chosen": "Log-probability of the chosen, nats",
  "logps/rejected": "Log-probability of the rejected, nats",
};

/** The most points in one figure, so that its SVG stays small for long runs. */
const BUDGET = 1500;

/**
 * Metrics over training, one panel each: the mean over seeds as a line, its 95 % t interval as a band. Steps are averaged
 * within bins of equal width, as many as `BUDGET` allows and at most 60; the mean is drawn where every seed of the arm has
 * a value. Throws if a metric of `metrics` has no rows or a number is missing.
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
  const lineCount = drawn.reduce((sum, one) => sum + groupBy(one.rows, ({ arm }) => arm.id).size, 0);
  const bins = Math.min(60, Math.max(8, Math.floor(BUDGET / lineCount)));
  const x = {
    domain: [0, lastStep] as const,
    ticks: niceScale([0, lastStep], 4).ticks.filter((tick) => tick <= lastStep),
  };
  const panels = drawn.map((one, at) => {
    const series = groupByLabel(one.rows, ({ arm }) => arm).map(([arm, own]) => ({
      ...{ name: arm.name, colour: arm.colour, ink: arm.ink, dash: dashOf(arm) },
      ...meanOverBins(
        own.map(({ seed, step, value }) => ({ seed, x: step, y: value })),
        bins,
        lastStep,
      ),
    }));
    const last = at === drawn.length - 1;
    return {
      metric: one.metric,
      series,
      options: {
        height: Math.max(130, 17 * series.length + 20),
        x,
        yTitle: MEANING[one.metric] ?? one.metric,
        ...(last ? { xTitle: options.xTitle ?? "Optimiser step" } : {}),
      },
    };
  });
  const text = {
    title: options.title ?? "Training",
    subtitle: options.subtitle ?? intervalNote(seedCount(rows)),
    description: `${metrics.join(", ")} over ${lastStep} optimiser steps. At the end: ${panels
      .map(
        ({ metric, series }) =>
          `${metric} ${series.map((one) => `${one.name} ${endOf(one).y.toPrecision(3)}`).join(", ")}`,
      )
      .join("; ")}.`,
  };
  return atBothWidths((layout) => lineFigure(layout, panels, text));
}
