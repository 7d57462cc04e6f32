import { mean } from "../evaluation/statistics.ts";
import type { BestOf } from "../pipeline/verification.ts";
import type { ArmResult, SeedResult } from "../results/collect.ts";
import { type Difference, type Label, sameLabel, scorers, sortLabels } from "../results/labels.ts";
import { armOf, presentLabels } from "../results/measures.ts";
import {
  type Estimated,
  estimated,
  type IntervalOptions,
  intervalOf,
  isMeasured,
} from "../verdicts/estimates.ts";
import type { ArmValue, BestOfN, FrontierValue, MetricValue, Sharpness } from "./charts.ts";
import type { ArmSummary } from "./tables.ts";

/* Results of an experiment as rows for charts and tables. */

/** Paired differences in a metric with their intervals, without those of missing arms or scorers. */
export function differences(
  results: readonly SeedResult[],
  metric: string,
  differences: readonly Difference[],
  interval: IntervalOptions,
): Estimated[] {
  return differences
    .map((one) => ({ metric, ...one }))
    .filter((one) => isMeasured(results, one))
    .map((one) => estimated(results, one, interval));
}

/** Every arm averaged over seeds, its win rate with an interval over seeds and prompts. Missing arms are left out. */
export function armSummaries(results: readonly SeedResult[], interval: IntervalOptions): ArmSummary[] {
  const arms = results.flatMap((result) => result.arms.map(({ arm }) => arm));
  return sortLabels(presentLabels(results, arms)).map((arm) => {
    const own = results.map((result) => armOf(result, arm));
    const averaged = (value: (result: ArmResult) => number) => mean(own.map(value));
    return {
      arm,
      seeds: own.length,
      winRate: intervalOf(
        own.map(({ outcomes }) => outcomes),
        interval,
      ),
      goldGreedy: averaged(({ greedyRewards }) => mean(greedyRewards)),
      goldSampled: averaged(({ sampledRewards }) => mean(sampledRewards)),
      entropy: averaged(({ entropy }) => entropy),
      malformed: averaged(({ malformed }) => malformed),
    };
  });
}

/** Each arm's win rate on each seed. */
export function winRateValues(results: readonly SeedResult[]): ArmValue[] {
  return results.flatMap(({ seed, arms }) => arms.map(({ arm, winRate }) => ({ arm, seed, value: winRate })));
}

/** Win rate, reward at T = 1 and entropy of each arm on each seed. */
export function sharpnessValues(results: readonly SeedResult[]): Sharpness[] {
  return results.flatMap(({ seed, arms }) =>
    arms.map(({ arm, winRate, sampledRewards, entropy }) => ({
      arm,
      seed,
      greedyWinRate: winRate,
      sampledReward: mean(sampledRewards),
      entropy,
    })),
  );
}

/** Gold reward and entropy of each arm at every temperature of its evaluation and greedy, on each seed. */
export function frontierValues(results: readonly SeedResult[]): FrontierValue[] {
  return results.flatMap(({ seed, arms }) =>
    arms.flatMap(({ arm, greedyRewards, frontier = [] }) => [
      { arm, seed, temperature: 0, entropy: 0, reward: mean(greedyRewards) },
      ...frontier.map((point) => ({ arm, seed, ...point })),
    ]),
  );
}

/** The logged values of `metrics` of every arm whose training logs them, or of some arms. */
export function curveValues(
  results: readonly SeedResult[],
  metrics: readonly string[],
  labels?: readonly Label[],
): MetricValue[] {
  const chosen = (arm: Label) => labels?.some((label) => sameLabel(label, arm)) ?? true;
  return results.flatMap(({ seed, curves }) =>
    curves
      .filter(({ arm }) => chosen(arm))
      .flatMap(({ arm, rows }) =>
        rows.flatMap((row) =>
          metrics.flatMap((metric) => {
            const value = row[metric];
            return value === undefined ? [] : [{ arm, seed, step: row.step, metric, value }];
          }),
        ),
      ),
  );
}

/** Gold reward of the best of N by each scorer and by gold itself, on each seed. */
export function bestOfNValues(results: readonly SeedResult[], gold: Label = scorers.gold): BestOfN[] {
  const rows = (scorer: Label, seed: number, points: readonly BestOf[]) =>
    points.map(({ n, values }) => ({ scorer, seed, n, value: mean(values) }));
  return results.flatMap(({ seed, scorers }) => [
    ...rows(gold, seed, scorers.at(0)?.oracle ?? []),
    ...scorers.flatMap(({ scorer, bestOf }) => rows(scorer, seed, bestOf)),
  ]);
}
