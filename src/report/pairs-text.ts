import type { PairStatistics } from "../evaluation/pair-statistics.ts";
import { mean } from "../evaluation/statistics.ts";
import type { SeedResult } from "../results/collect.ts";
import { shortNumber } from "./charts/values.ts";

/** Size and statistics of each set of pairs, averaged over seeds, as rows of a table. Throws if one was not measured. */
export function pairRows(results: readonly SeedResult[]): Record<string, string | number>[] {
  const names = new Set(results.flatMap(({ pairs }) => Object.keys(pairs)));
  return [...names].map((name) => {
    const { goldMean, goldSd, goldGap, distinct, agreement } = averages(results, name);
    return {
      pairs: name,
      number: Math.round(mean(results.map((result) => sizeOf(result, name)))),
      "gold, mean": goldMean,
      "gold, sd": goldSd,
      "gap within pairs": goldGap,
      "distinct ways, %": 100 * distinct,
      "labels right, %": 100 * agreement,
    };
  });
}

/** How much wider one set of pairs is than another, in a sentence. Throws if one was not measured. */
export function widthSentence(results: readonly SeedResult[], wide: string, narrow: string): string {
  const [more, less] = [averages(results, wide), averages(results, narrow)];
  const compared = (name: string, key: keyof PairStatistics) =>
    `${name} ${shortNumber(more[key])} against ${shortNumber(less[key])} (× ${shortNumber(more[key] / less[key])})`;
  const parts = [
    compared("standard deviation of gold", "goldSd"),
    compared("gap within pairs", "goldGap"),
    compared("distinct ways of completing, per completion,", "distinct"),
    compared("share of labels that agree with gold", "agreement"),
  ];
  const wider = more.goldSd > less.goldSd && more.distinct > less.distinct;
  return (
    `The ${wide} pairs beside the ${narrow} ones: ${parts.join("; ")}. ` +
    (wider
      ? "They are wider in gold and in ways of completing."
      : "They are not wider in both gold and ways of completing, so they do not test what width does.")
  );
}

function sizeOf({ seed, pairs }: SeedResult, name: string): number {
  const size = pairs[name];
  if (size === undefined) throw new Error(`Seed ${seed} has no pairs "${name}".`);
  return size;
}

function averages(results: readonly SeedResult[], name: string): Required<PairStatistics> {
  const all = results.map(({ seed, pairStatistics }) => {
    const found = pairStatistics?.[name];
    if (found === undefined) throw new Error(`Seed ${seed} has no statistics of the pairs "${name}".`);
    return found;
  });
  const average = (key: keyof PairStatistics) => mean(all.map((one) => one[key] ?? Number.NaN));
  return {
    goldMean: average("goldMean"),
    goldSd: average("goldSd"),
    goldGap: average("goldGap"),
    distinct: average("distinct"),
    agreement: average("agreement"),
  };
}
