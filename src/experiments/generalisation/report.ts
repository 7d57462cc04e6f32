import { mean } from "../../evaluation/statistics.ts";
import type { TrendPoint } from "../../report/charts.ts";
import { measuredPoints } from "../../report/points.ts";
import type { SeedResult } from "../../results/collect.ts";
import { scorerLabels, styleOf } from "../../results/labels.ts";
import { measureNamed, valuesOf } from "../../results/measures.ts";
import { variantId } from "../../results/variants.ts";
import type { Estimate } from "../../verdicts/registration.ts";
import type { TuningTable } from "../tuning.ts";
import {
  candidateRates,
  epochsVariant,
  type RewardModelKind,
  rewardEpochs,
  rewardModelKinds,
  rungRates,
  shifts,
  tunedRungId,
} from "./plan.ts";

/*
 * What the notebook on the ladder of reward models shows.
 */

/** The ids of a rung at each number of epochs. */
export function epochIds(rung: RewardModelKind): string[] {
  return rewardEpochs.map((epochs) => variantId(rung, epochsVariant(epochs)));
}

/** A measure of every rung by its epochs. */
export function epochPoints(results: readonly SeedResult[], metric: string): TrendPoint[] {
  const places = rewardModelKinds.flatMap((series) =>
    rewardEpochs.map((x, at) => ({ series, x, id: epochIds(series)[at]! })),
  );
  return measuredPoints(results, metric, places);
}

/** Global less local and local less DPO, in distribution and on every shift. */
export function ladderEstimates(metric: string): Estimate[] {
  const on = (rung: RewardModelKind, shift: string | undefined) => (shift ? variantId(rung, shift) : rung);
  return [undefined, ...shifts].flatMap((shift) => [
    { metric, treatment: on("global", shift), control: on("local", shift) },
    { metric, treatment: on("local", shift), control: on("dpo", shift) },
  ]);
}

/** What each rung's learning rate was chosen from, in percent, and the rate, as rows of a table. */
export function rungTuningRows({ scorers }: TuningTable): Record<string, string | number>[] {
  return rewardModelKinds.map((rung) => ({
    scorer: styleOf(rung, scorerLabels).name,
    ...Object.fromEntries(
      candidateRates.map((rate) => [
        `rate ${rate}, %`,
        100 * mean(scorers[tunedRungId(rung, rate)]!.probability!),
      ]),
    ),
    chosen: rungRates[rung],
  }));
}

/** Of which rungs the highest learning rate tried was the best, in a sentence: a higher one may be better still. */
export function rateEdgeSentence(): string {
  const highest = Math.max(...candidateRates);
  const edge = rewardModelKinds.filter((rung) => rungRates[rung] === highest);
  return edge.length === 0
    ? "Every rung's learning rate lies below the highest tried."
    : `The highest learning rate tried, ${highest}, was the best for ${edge.map((rung) => styleOf(rung, scorerLabels).name).join(" and ")}: ` +
        "a higher one may be better still.";
}

/** On how many seeds two measures put verifiers in the same order, in a sentence. */
export function sameOrderSentence(
  results: readonly SeedResult[],
  ids: readonly string[],
  one: string,
  other: string,
): string {
  const order = (result: SeedResult, measure: string) => {
    const value = (id: string) => mean(valuesOf(result, measure, id));
    return [...ids].sort((a, b) => value(b) - value(a)).join();
  };
  const same = results.filter((result) => order(result, one) === order(result, other)).length;
  const names = ids.map((id) => styleOf(id, scorerLabels).name).join(", ");
  return (
    `${measureNamed(one).name} and ${measureNamed(other).name} put ${names} in the same order ` +
    `on ${same} of ${results.length} ${results.length === 1 ? "seed" : "seeds"}.`
  );
}
