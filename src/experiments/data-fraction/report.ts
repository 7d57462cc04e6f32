import { mean } from "../../evaluation/statistics.ts";
import { type TrendPoint, trendSliderChart } from "../../report/charts.ts";
import { estimateCell } from "../../report/estimate-text.ts";
import { estimatedPoints, measuredPoints } from "../../report/points.ts";
import type { VegaLiteSpec } from "../../report/theme.ts";
import type { SeedResult } from "../../results/collect.ts";
import {
  arms,
  type Difference,
  differenceName,
  type Label,
  sameLabel,
  scorers,
  variant,
} from "../../results/labels.ts";
import type { Estimate, IntervalOptions } from "../../verdicts/estimates.ts";
import {
  dataFractions,
  type Equality,
  equalEpochs,
  equalities,
  equalSteps,
  fractionText,
  percentText,
} from "./plan.ts";

/** A fraction of the preference posts; everything has the fraction 1. */
export interface Part {
  readonly fraction: number;
  readonly posts: number;
}

/** The fine-tuned arms of every part. */
export const fractionArms: readonly Label[] = [arms.dpo, arms.dpo2x, arms.onlineSft, arms.onlineDpo];

/** The parts of `posts` preference posts in order of size. */
export function dataParts(posts: number): Part[] {
  return [...dataFractions, 1].map((fraction) => ({ fraction, posts: Math.round(fraction * posts) }));
}

/** An arm or a scorer trained on a part. */
export function onPart(label: Label, { fraction }: Part, equality: Equality): Label {
  return fraction === 1 ? label : variant(label, fractionText(fraction, equality));
}

const differenceOnPart = (
  { treatment, control }: Difference,
  part: Part,
  equality: Equality,
): Difference => ({
  treatment: onPart(treatment, part, equality),
  control: onPart(control, part, equality),
});

/** A measure of arms or scorers by the number of posts. */
export function fractionPoints(
  results: readonly SeedResult[],
  parts: readonly Part[],
  equality: Equality,
  metric: string,
  labels: readonly Label[],
): TrendPoint[] {
  const places = labels.flatMap((series) =>
    parts.map((part) => ({ series, x: part.posts, label: onPart(series, part, equality) })),
  );
  return measuredPoints(results, metric, places);
}

/** The registered policy gap, Online DPO (DPO) less DPO (2x), by the number of posts. */
export function policyGapPoints(results: readonly SeedResult[], parts: readonly Part[]): TrendPoint[] {
  const places = equalities.flatMap((series) =>
    parts.map((part) => ({ series, x: part.posts, estimate: policyGap(part, series) })),
  );
  return estimatedPoints(results, places);
}

/**
 * Win rates by the share of the preference posts, with a slider for the share: what online DPO gains over offline DPO from
 * as much data. Throws if an arm has no results.
 */
export function fractionSliderChart(
  results: readonly SeedResult[],
  parts: readonly Part[],
  equality: Equality,
): VegaLiteSpec {
  const points = fractionPoints(results, parts, equality, "greedy-win-rate", fractionArms);
  const all = Math.max(...parts.map(({ posts }) => posts));
  return trendSliderChart(
    points.map(({ x, ...point }) => ({ ...point, x: Math.round((100 * x) / all) })),
    {
      title: `The gap by the amount of data, ${equality.name}`,
      x: { title: "Share of the preference posts, %", scale: "log" },
      y: { title: "Win rate, greedy decoding", percent: true },
      slider: { label: "Share of the posts, %" },
      pairs: [
        { treatment: arms.onlineSft, control: arms.dpo2x },
        { treatment: arms.onlineDpo, control: arms.dpo2x },
      ],
    },
  );
}

/** Posts, pairs and optimiser steps of DPO on every part, averaged over seeds, as rows of a table. */
export function fractionRows(
  results: readonly SeedResult[],
  parts: readonly Part[],
): Record<string, string | number>[] {
  const averaged = (value: (result: SeedResult) => number) => Math.round(mean(results.map(value)));
  return parts.map((part) => {
    const fraction = percentText(part.fraction);
    return {
      fraction,
      posts: part.posts,
      pairs: averaged((result) => known(result.pairs[fraction], result, `pairs of ${fraction}`)),
      ...Object.fromEntries(
        equalities.map((equality) => [
          `steps, ${equality.name}`,
          averaged((result) => lastStep(result, onPart(arms.dpo, part, equality))),
        ]),
      ),
    };
  });
}

/** The optimiser step with which an arm's training ended. */
function lastStep(result: SeedResult, label: Label): number {
  const curve = result.curves.find(({ arm }) => sameLabel(arm, label));
  return known(curve?.rows.at(-1)?.step, result, `training curve of "${label.name}"`);
}

function known(value: number | undefined, { seed }: SeedResult, what: string): number {
  if (value === undefined) throw new Error(`Seed ${seed} has no ${what}: train the experiment first.`);
  return value;
}

/** The scorers of every part, each once. */
export function fractionScorers(parts: readonly Part[]): Label[] {
  const labels = equalities.flatMap((equality) =>
    parts.flatMap((part) => [scorers.global, scorers.dpo].map((label) => onPart(label, part, equality))),
  );
  return [...new Map(labels.map((label) => [label.id, label])).values()];
}

/** The win rate gained by as many steps as on all posts, by fraction and arm, as rows of a table. */
export function stepsRows(
  results: readonly SeedResult[],
  parts: readonly Part[],
  interval: IntervalOptions,
): Record<string, string | number>[] {
  const control = (label: Label, part: Part) => onPart(label, part, equalEpochs);
  return differenceRows(results, fractionsOnly(parts), equalSteps, control, interval);
}

/** Every arm less SFT, by part, as rows of a table. */
export function overSftRows(
  results: readonly SeedResult[],
  parts: readonly Part[],
  equality: Equality,
  interval: IntervalOptions,
): Record<string, string | number>[] {
  return differenceRows(results, parts, equality, () => arms.sft, interval);
}

function differenceRows(
  results: readonly SeedResult[],
  parts: readonly Part[],
  equality: Equality,
  control: (label: Label, part: Part) => Label,
  interval: IntervalOptions,
): Record<string, string | number>[] {
  return parts.map((part) => ({
    posts: part.posts,
    ...Object.fromEntries(
      fractionArms.map((label) => {
        const difference = { treatment: onPart(label, part, equality), control: control(label, part) };
        return [label.name, estimateCell(results, { metric: "greedy-win-rate", ...difference }, interval)];
      }),
    ),
  }));
}

/** The slope of a difference of two arms' win rates per doubling of the posts. */
export function slopeEstimate(parts: readonly Part[], equality: Equality, difference: Difference): Estimate {
  return {
    metric: "greedy-win-rate",
    name: `Slope of ${differenceName(difference)} per doubling of the pairs, ${equality.name}`,
    scale: "log2",
    slope: parts.map((part) => ({ at: part.posts, ...differenceOnPart(difference, part, equality) })),
  };
}

/** The verification gap and the policy gap on every part, in points with intervals, as rows of a table. */
export function bothGapsRows(
  results: readonly SeedResult[],
  parts: readonly Part[],
  interval: IntervalOptions,
): Record<string, string | number>[] {
  return equalities.flatMap((equality) =>
    (equality === equalEpochs ? parts : fractionsOnly(parts)).map((part) => ({
      posts: part.posts,
      "kept equal": part.fraction === 1 ? "" : equality.id,
      "verification gap": estimateCell(results, verificationGap(part, equality), interval),
      "policy gap": estimateCell(results, policyGap(part, equality), interval),
    })),
  );
}

const fractionsOnly = (parts: readonly Part[]) => parts.filter(({ fraction }) => fraction < 1);

const policyGap = (part: Part, equality: Equality): Estimate => ({
  metric: "greedy-win-rate",
  ...differenceOnPart({ treatment: arms.onlineDpo, control: arms.dpo2x }, part, equality),
});

const verificationGap = (part: Part, equality: Equality): Estimate => ({
  metric: "accuracy",
  ...differenceOnPart({ treatment: scorers.global, control: scorers.dpo }, part, equality),
});
