import { mean } from "../../evaluation/statistics.ts";
import type { TrendPoint } from "../../report/charts.ts";
import { edgeSentence } from "../../report/choices.ts";
import { escapeMarkdown } from "../../report/markdown.ts";
import { measuredPoints } from "../../report/points.ts";
import type { SeedResult } from "../../results/collect.ts";
import { type Label, scorers } from "../../results/labels.ts";
import { measureNamed, valuesOf } from "../../results/measures.ts";
import type { Estimate } from "../../verdicts/estimates.ts";
import type { TuningTable } from "../tuning.ts";
import { distributionShifts, underShift } from "./plan.ts";
import {
  afterEpochs,
  atLearningRate,
  candidateRates,
  rewardEpochs,
  rewardModelKinds,
} from "./reward-models.ts";

/** A kind of reward model at each number of epochs, the fewest first. */
export function epochLabels(kind: Label): Label[] {
  return rewardEpochs.map((epochs) => afterEpochs(kind, epochs));
}

/** On how many seeds the fewest or the most epochs were chosen, for each kind of reward model, as a Markdown list. */
export function epochEdgesText(results: readonly SeedResult[]): string {
  return rewardModelKinds
    .map(
      ({ label }) => `- ${escapeMarkdown(label.name)}. ${edgeSentence(results, label, epochLabels(label))}`,
    )
    .join("\n");
}

/** A measure of every kind of reward model by its epochs. */
export function epochPoints(results: readonly SeedResult[], metric: string): TrendPoint[] {
  const places = rewardModelKinds.flatMap(({ label: series }) =>
    rewardEpochs.map((x) => ({ series, x, label: afterEpochs(series, x) })),
  );
  return measuredPoints(results, metric, places);
}

/** Global less local and local less DPO, in distribution and under every distribution shift. */
export function kindEstimates(metric: string): Estimate[] {
  const unshifted = (label: Label) => label;
  const shifted = distributionShifts.map((shift) => (label: Label) => underShift(label, shift));
  return [unshifted, ...shifted].flatMap((relabel) => [
    { metric, treatment: relabel(scorers.global), control: relabel(scorers.local) },
    { metric, treatment: relabel(scorers.local), control: relabel(scorers.dpo) },
  ]);
}

/** Mean probability of validation labels in percent by kind and learning rate, and the rate chosen, as rows of a table. */
export function learningRateRows({ scorers: measured }: TuningTable): Record<string, string | number>[] {
  return rewardModelKinds.map(({ label, learningRate }) => ({
    scorer: label.name,
    ...Object.fromEntries(
      candidateRates.map((rate) => {
        const { id, name } = atLearningRate(label, rate);
        const probability = measured[id]?.probability;
        if (probability === undefined)
          throw new Error(`The table has no probability of "${name}": run the tuning again.`);
        return [`rate ${rate}, %`, 100 * mean(probability)];
      }),
    ),
    chosen: learningRate,
  }));
}

/** The kinds for which the highest learning rate tried was the best, in a sentence: a higher one may be better still. */
export function highestRateSentence(): string {
  const highest = Math.max(...candidateRates);
  const atEdge = rewardModelKinds.filter(({ learningRate }) => learningRate === highest);
  return atEdge.length === 0
    ? "The learning rate of every reward model lies below the highest tried."
    : `The highest learning rate tried, ${highest}, was the best for ${atEdge.map(({ label }) => label.name).join(" and ")}: ` +
        "a higher one may be better still.";
}

/** On how many seeds two measures rank scorers in the same order, in a sentence. */
export function sameOrderSentence(
  results: readonly SeedResult[],
  labels: readonly Label[],
  one: string,
  other: string,
): string {
  const order = (result: SeedResult, measure: string) => {
    const value = (label: Label) => mean(valuesOf(result, measure, label));
    return [...labels]
      .sort((a, b) => value(b) - value(a))
      .map(({ id }) => id)
      .join();
  };
  const same = results.filter((result) => order(result, one) === order(result, other)).length;
  const names = labels.map(({ name }) => name).join(", ");
  return (
    `${measureNamed(one).name} and ${measureNamed(other).name} put ${names} in the same order ` +
    `on ${same} of ${results.length} ${results.length === 1 ? "seed" : "seeds"}.`
  );
}
