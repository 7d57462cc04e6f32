import { mean } from "../evaluation/statistics.ts";
import type { SeedResult, VerifierResult } from "../experiments/experiment.ts";
import {
  changePrecisions,
  onlineArmId,
  rewardModelId,
  rewardModelSizes,
  roundedId,
} from "../experiments/plans/reward-model-size.ts";
import type { Registration } from "../experiments/registrations.ts";
import { scorers, styleOf } from "./arms.ts";
import type { TrendPoint } from "./charts.ts";
import { type Estimated, estimated } from "./estimates.ts";
import { valuesOf } from "./measures.ts";
import { amount } from "./sentences.ts";

/** The width of the reward model that the others are compared with: the policy's. */
const SAME = 48;

/** The parameters of a reward model by its width. */
export type Parameters = (width: number) => number;

/** A measure of the reward models against their numbers of parameters, one point for each width and seed. */
export function sizePoints(
  results: readonly SeedResult[],
  metric: string,
  parametersOf: Parameters,
): TrendPoint[] {
  const idOf = metric === "greedy-win-rate" ? onlineArmId : rewardModelId;
  const series = metric === "greedy-win-rate" ? "online-sft" : "global";
  return results.flatMap((result) =>
    rewardModelSizes.map(({ width }) => ({
      series,
      x: parametersOf(width),
      seed: result.seed,
      value: mean([...valuesOf(result, metric, idOf(width))]),
    })),
  );
}

/** Each other width against the policy's in best of 25, in the order of widths. */
export function sizeDifferences(
  results: readonly SeedResult[],
  interval: Registration["interval"],
): (Estimated & { readonly width: number })[] {
  return rewardModelSizes
    .filter(({ width }) => width !== SAME)
    .map(({ width }) => {
      const estimate = {
        metric: "best-of-25",
        treatment: rewardModelId(width),
        control: rewardModelId(SAME),
      };
      return { width, ...estimated(results, estimate, interval) };
    });
}

/**
 * How large a reward model has to be, in a sentence: the smallest width that was tried whose best of 25 is within
 * `margin` of gold reward below that of the policy's size, by the interval.
 */
export function sizeNeededSentence(
  differences: readonly (Pick<Estimated, "low"> & { readonly width: number })[],
  margin: number,
  parametersOf: Parameters,
): string {
  const same = parametersOf(SAME);
  const enough = differences.find(({ width, low }) => width < SAME && low > -margin);
  const within = `within ${amount(margin, "reward")} of gold reward of the policy's size, by the 95% interval of best of 25`;
  if (enough === undefined) return `No smaller reward model that was tried is ${within}.`;
  const parameters = parametersOf(enough.width);
  return (
    `The smallest reward model that is ${within}, has d = ${enough.width}: ${parameters} parameters, ` +
    `${amount(parameters / same, "share").replace(" points", " %")} of the ${same} of the policy's size.`
  );
}

const DESCRIBED = ["global", "local", "dpo"] as const;

/** Accuracy of a verifier against the description length of what fine-tuning changed in it. */
export interface Description {
  readonly verifier: string;
  /** Bits per number of the rounded change. */
  readonly bits: number;
  /** The entropy of the rounded change in bits, averaged over seeds. */
  readonly changeBits: number;
  /** Accuracy on each seed. */
  readonly accuracy: readonly { readonly seed: number; readonly value: number }[];
}

/** Every verifier whose change was rounded, at every precision, the finest first. */
export function descriptions(results: readonly SeedResult[]): Description[] {
  return DESCRIBED.flatMap((verifier) =>
    changePrecisions.map((bits) => {
      const id = roundedId(verifier, bits);
      const own = results.map(({ verifiers }) => verifiers.find((one) => one.verifier === id)!);
      return {
        verifier,
        bits,
        changeBits: mean(own.map((one) => one.changeBits!)),
        accuracy: own.map((one, index) => ({ seed: results[index]!.seed, value: accuracyOf(one) })),
      };
    }),
  );
}

/** Descriptions as points of a chart, in thousands of bits. */
export function descriptionPoints(rows: readonly Description[]): TrendPoint[] {
  return rows.flatMap(({ verifier, changeBits, accuracy }) =>
    accuracy.map(({ seed, value }) => ({ series: verifier, x: changeBits / 1000, seed, value })),
  );
}

/**
 * What each verifier needs to be described in, in a sentence: the coarsest rounding that, with every finer one, keeps
 * the mean accuracy within `loss` of the finest, from 0 to 1, and the entropy of the change so rounded.
 */
export function descriptionSentence(rows: readonly Description[], loss: number): string {
  const parts = DESCRIBED.map((verifier) => {
    const own = rows.filter((row) => row.verifier === verifier);
    const accuracyAt = (row: Description) => mean(row.accuracy.map(({ value }) => value));
    const finest = accuracyAt(own[0]!);
    const broken = own.findIndex((row) => accuracyAt(row) < finest - loss);
    const kept = own[(broken < 0 ? own.length : broken) - 1]!;
    const numbers = `${kept.bits} ${kept.bits === 1 ? "bit" : "bits"} per number, ${(kept.changeBits / 1000).toFixed(0)} thousand bits in all`;
    return `${styleOf(verifier, scorers).name}: ${numbers}, accuracy ${(100 * accuracyAt(kept)).toFixed(1)} %`;
  });
  return `Fewest bits that keep the accuracy within ${amount(loss, "share")} of the finest rounding. ${parts.join("; ")}.`;
}

const accuracyOf = ({ accuracy }: VerifierResult) => mean([...accuracy]);
