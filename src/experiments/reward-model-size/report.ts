import { mean } from "../../evaluation/statistics.ts";
import type { TrendPoint } from "../../report/charts.ts";
import { measuredPoints } from "../../report/points.ts";
import { amount } from "../../report/sentences.ts";
import type { SeedResult } from "../../results/collect.ts";
import { scorerLabels, styleOf } from "../../results/labels.ts";
import { type Estimated, estimated } from "../../verdicts/estimates.ts";
import type { Registration } from "../../verdicts/registration.ts";
import type { LaboratoryConfig } from "../laboratory.ts";
import type { TuningTable } from "../tuning.ts";
import {
  changePrecisions,
  onlineArmId,
  rewardModelId,
  rewardModelParameters,
  rewardModelSizes,
  roundedId,
  roundedScorers,
  tunedId,
} from "./plan.ts";

/** The width of the reward model that the others are compared with: the policy's. */
const SAME = 48;

/** A measure of the reward models, or of the policies that they label for, against their parameters. */
export function sizePoints(
  results: readonly SeedResult[],
  metric: string,
  config: LaboratoryConfig,
): TrendPoint[] {
  const ofPolicy = metric === "greedy-win-rate";
  const places = rewardModelSizes.map((size) => ({
    series: ofPolicy ? "online-sft" : "global",
    x: rewardModelParameters(config, size),
    id: ofPolicy ? onlineArmId(size.width) : rewardModelId(size.width),
  }));
  return measuredPoints(results, metric, places);
}

/** Best of 25 by each other width less that by the policy's, in the order of widths. */
export function sizeDifferences(
  results: readonly SeedResult[],
  interval: Registration["interval"],
): (Estimated & { readonly width: number })[] {
  return rewardModelSizes
    .filter(({ width }) => width !== SAME)
    .map(({ width }) => {
      const difference = { treatment: rewardModelId(width), control: rewardModelId(SAME) };
      return { width, ...estimated(results, { metric: "best-of-25", ...difference }, interval) };
    });
}

/**
 * How large a reward model has to be, in a sentence: the smallest that was tried whose best of 25 is by its interval
 * less than `margin` of gold reward below that of the policy's size.
 */
export function sizeNeededSentence(
  differences: readonly (Pick<Estimated, "low"> & { readonly width: number })[],
  margin: number,
  config: LaboratoryConfig,
): string {
  const parameters = (wanted: number) =>
    rewardModelParameters(config, rewardModelSizes.find(({ width }) => width === wanted)!);
  const enough = differences.find(({ width, low }) => width < SAME && low > -margin);
  const within = `less than ${amount(margin, "reward")} of gold reward below that of the policy's size (best of 25, by the interval)`;
  if (enough === undefined) return `No smaller reward model that was tried is shown to be ${within}.`;
  const [own, same] = [parameters(enough.width), parameters(SAME)];
  return (
    `The smallest reward model that is shown to be ${within} has d = ${enough.width} and ${own} parameters, ` +
    `${Math.round((100 * own) / same)} % of the ${same} of the policy's size.`
  );
}

/**
 * The tuning of the learning rates as rows of a table: mean probability of validation labels in percent, nothing where
 * a rate was not tried, and the rate that is used.
 */
export function tuningRows({ scorers }: TuningTable): Record<string, string | number>[] {
  const rates = [...new Set(rewardModelSizes.flatMap(({ tried }): readonly number[] => tried))];
  rates.sort((a, b) => a - b);
  return rewardModelSizes.map(({ width, learningRate }) => {
    const cells = rates.map((rate): [string, string | number] => {
      const probability = scorers[tunedId(width, rate)]?.probability;
      return [`at ${rate}`, probability === undefined ? "" : 100 * mean(probability)];
    });
    return {
      "reward model": `d = ${width}`,
      ...Object.fromEntries(cells),
      "rate used": String(learningRate),
    };
  });
}

/** Accuracy of a verifier when what fine-tuning changed in it is rounded, and how long that is to write down. */
export interface Description {
  readonly scorer: string;
  /** Bits per number of the rounded change. */
  readonly bits: number;
  /** The length of the rounded change, in bits in all, averaged over seeds. */
  readonly length: number;
  /** Accuracy on each seed. */
  readonly points: readonly { readonly seed: number; readonly value: number }[];
}

/** Every verifier whose change was rounded, at every precision, the finest first. */
export function descriptions(results: readonly SeedResult[]): Description[] {
  return roundedScorers.flatMap((scorer) =>
    changePrecisions.map((bits) => {
      const id = roundedId(scorer, bits);
      const own = results.map((result) => ({
        seed: result.seed,
        ...result.scorers.find((one) => one.scorer === id)!,
      }));
      return {
        scorer,
        bits,
        length: mean(own.map(({ deltaBits }) => deltaBits!)),
        points: own.map(({ seed, accuracy }) => ({ seed, value: mean([...accuracy]) })),
      };
    }),
  );
}

/** Accuracy against length in whole thousands of bits, for a chart. */
export function descriptionPoints(rows: readonly Description[]): TrendPoint[] {
  return rows.flatMap(({ scorer, length, points }) =>
    points.map((point) => ({ series: scorer, x: Math.round(length / 1000), ...point })),
  );
}

/**
 * In how few bits each verifier can be written down, in a sentence: the coarsest rounding that, as all finer ones,
 * loses at most `loss` of the mean accuracy at the finest, both from 0 to 1.
 */
export function descriptionSentence(rows: readonly Description[], loss: number): string {
  const accuracyOf = ({ points }: Description) => mean(points.map(({ value }) => value));
  const parts = roundedScorers.map((scorer) => {
    const own = rows.filter((row) => row.scorer === scorer);
    const broken = own.findIndex((row) => accuracyOf(row) < accuracyOf(own[0]!) - loss);
    const kept = own[(broken < 0 ? own.length : broken) - 1]!;
    return (
      `${styleOf(scorer, scorerLabels).name} at ${kept.bits} bits per number, ${Math.round(kept.length / 1000)} thousand in ` +
      `all, with an accuracy of ${(100 * accuracyOf(kept)).toFixed(1)} %`
    );
  });
  return (
    `The shortest description that costs at most ${amount(loss, "share")} of the accuracy at ${changePrecisions[0]} bits ` +
    `per number: ${parts.join("; ")}.`
  );
}
