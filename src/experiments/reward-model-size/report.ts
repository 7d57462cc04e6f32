import { mean } from "../../evaluation/statistics.ts";
import { type TrendOptions, type TrendPoint, trendChart } from "../../report/charts.ts";
import { measuredPoints } from "../../report/points.ts";
import { amount } from "../../report/quantities.ts";
import type { VegaLiteSpec } from "../../report/theme.ts";
import type { SeedResult } from "../../results/collect.ts";
import { arms, type Label, sameLabel, scorers } from "../../results/labels.ts";
import { measuredSubject, scorerOf } from "../../results/measures.ts";
import { type Estimated, estimated, type IntervalOptions, isMeasured } from "../../verdicts/estimates.ts";
import type { LaboratoryConfig } from "../laboratory.ts";
import type { TuningTable } from "../tuning.ts";
import {
  onlineArmOfWidth,
  type RewardModelSize,
  rewardModelOfWidth,
  rewardModelParameters,
  rewardModelSizes,
  roundedScorer,
  roundedScorers,
  roundingBits,
} from "./plan.ts";
import { sizeCandidate } from "./tuning.ts";

/** The policy's width, with whose reward model the others are compared. */
const POLICY_WIDTH = 48;

/** A measure of the reward models, or of the policies that learn from their labels, by the reward model's parameters. */
export function sizePoints(
  results: readonly SeedResult[],
  metric: string,
  config: LaboratoryConfig,
): TrendPoint[] {
  const [series, ofWidth] =
    measuredSubject(metric) === "arm"
      ? [arms.onlineSft, onlineArmOfWidth]
      : [scorers.global, rewardModelOfWidth];
  const places = rewardModelSizes.map((size) => ({
    series,
    x: rewardModelParameters(config, size),
    label: ofWidth(size.width),
  }));
  return measuredPoints(results, metric, places);
}

/** A measure by the reward model's parameters, as `sizePoints`. */
export function sizeChart(
  results: readonly SeedResult[],
  metric: string,
  config: LaboratoryConfig,
  titles: Omit<TrendOptions, "x">,
): VegaLiteSpec {
  const x = { title: "Parameters of the reward model", scale: "log" } as const;
  return trendChart(sizePoints(results, metric, config), { ...titles, x });
}

/** Best of 25 by a reward model less that by the reward model of the policy's width. */
export interface SizeDifference extends Estimated {
  readonly size: RewardModelSize;
}

/** Best of 25 by each other size less that by the policy's, in order of width, without missing ones. */
export function sizeDifferences(results: readonly SeedResult[], interval: IntervalOptions): SizeDifference[] {
  return rewardModelSizes
    .filter(({ width }) => width !== POLICY_WIDTH)
    .map((size) => {
      const treatment = rewardModelOfWidth(size.width);
      return {
        size,
        estimate: { metric: "best-of-25", treatment, control: rewardModelOfWidth(POLICY_WIDTH) },
      };
    })
    .filter(({ estimate }) => isMeasured(results, estimate))
    .map(({ size, estimate }) => ({ size, ...estimated(results, estimate, interval) }));
}

/**
 * How large a reward model has to be, in a sentence: the smallest of those tried whose best of 25 is, by its interval,
 * less than `margin` of gold reward below that of the policy's size.
 */
export function sizeNeededSentence(
  differences: readonly Pick<SizeDifference, "size" | "low">[],
  margin: number,
  config: LaboratoryConfig,
): string {
  const smaller = differences.filter(({ size }) => size.width < POLICY_WIDTH);
  const enough = smaller.find(({ low }) => low > -margin)?.size;
  const policySize = rewardModelSizes.find(({ width }) => width === POLICY_WIDTH);
  const within = `less than ${amount(margin, "reward")} of gold reward below that of the policy's size (best of 25, by the interval)`;
  if (enough === undefined || policySize === undefined)
    return `No smaller reward model that was tried is shown to be ${within}.`;
  const own = rewardModelParameters(config, enough);
  const same = rewardModelParameters(config, policySize);
  return (
    `The smallest reward model that is shown to be ${within} has d = ${enough.width} and ${own} parameters, ` +
    `${Math.round((100 * own) / same)} % of the ${same} of the policy's size.`
  );
}

/**
 * The tuning of the learning rates as rows of a table: mean probability of validation labels in percent, empty for rates
 * that were not tried, and the rate that is used.
 */
export function sizeTuningRows({ scorers: measured }: TuningTable): Record<string, string | number>[] {
  const rates = [...new Set(rewardModelSizes.flatMap(({ tried }): readonly number[] => tried))];
  rates.sort((a, b) => a - b);
  return rewardModelSizes.map(({ width, learningRate }) => {
    const cells = rates.map((rate): [string, string | number] => {
      const probability = measured[sizeCandidate(width, rate).id]?.probability;
      return [`at ${rate}`, probability === undefined ? "" : 100 * mean(probability)];
    });
    return {
      "reward model": `d = ${width}`,
      ...Object.fromEntries(cells),
      "rate used": String(learningRate),
    };
  });
}

/** A scorer's accuracy with its weight changes rounded, and its description length. */
export interface Description {
  readonly scorer: Label;
  /** Bits per number of the rounded change. */
  readonly bits: number;
  /** The length of the rounded change, in bits in all, averaged over seeds. */
  readonly length: number;
  /** Accuracy on each seed. */
  readonly points: readonly { readonly seed: number; readonly value: number }[];
}

/** Every rounded scorer at every precision, the finest first. */
export function descriptions(results: readonly SeedResult[]): Description[] {
  return roundedScorers.flatMap((scorer) => roundingBits.map((bits) => description(results, scorer, bits)));
}

function description(results: readonly SeedResult[], scorer: Label, bits: number): Description {
  const label = roundedScorer(scorer, bits);
  const measured = results.map((result) => {
    const { accuracy, deltaBits } = scorerOf(result, label);
    if (deltaBits === undefined) throw new Error(`Seed ${result.seed} has no length of "${label.name}".`);
    return { seed: result.seed, value: mean(accuracy), deltaBits };
  });
  return {
    scorer,
    bits,
    length: mean(measured.map(({ deltaBits }) => deltaBits)),
    points: measured.map(({ seed, value }) => ({ seed, value })),
  };
}

/** Accuracy by length in whole thousands of bits, for a trend chart. */
export function descriptionPoints(rows: readonly Description[]): TrendPoint[] {
  return rows.flatMap(({ scorer, length, points }) =>
    points.map((point) => ({ series: scorer, x: Math.round(length / 1000), ...point })),
  );
}

/**
 * The description length of each scorer, in a sentence: at the coarsest rounding that, like all finer ones, loses at most
 * `loss` (0 to 1) of the mean accuracy at the finest. Throws if a scorer has no description.
 */
export function descriptionSentence(rows: readonly Description[], loss: number): string {
  const meanAccuracy = ({ points }: Description) => mean(points.map(({ value }) => value));
  const parts = roundedScorers.map((scorer) => {
    const own = rows.filter((row) => sameLabel(row.scorer, scorer));
    const [finest] = own;
    if (finest === undefined) throw new Error(`There is no description of "${scorer.name}".`);
    const broken = own.findIndex((row) => meanAccuracy(row) < meanAccuracy(finest) - loss);
    const kept = own.at(broken < 0 ? -1 : broken - 1) ?? finest;
    return (
      `${scorer.name} at ${kept.bits} bits per number, ${Math.round(kept.length / 1000)} thousand in ` +
      `all, with an accuracy of ${(100 * meanAccuracy(kept)).toFixed(1)} %`
    );
  });
  return (
    `The shortest description that costs at most ${amount(loss, "share")} of the accuracy at ${roundingBits[0]} bits ` +
    `per number: ${parts.join("; ")}.`
  );
}
