import { pairedHierarchicalBootstrap } from "../evaluation/bootstrap.ts";
import { mean } from "../evaluation/statistics.ts";
import { offlineEpochs } from "../experiments/main-comparison/plan.ts";
import type { ArmResult, SeedResult } from "../results/collect.ts";
import { contrastArms, sortByLabel } from "../results/labels.ts";
import type { BestOf } from "../results/record.ts";
import type { Contrast } from "../verdicts/contrasts.ts";
import { BOOTSTRAP_SEED, estimated, seedValues } from "../verdicts/estimates.ts";
import { contrastIds, type Prediction } from "../verdicts/predictions.ts";
import type { Estimate } from "../verdicts/registration.ts";
import type { BestOfN, FrontierValue, MetricValue, Sharpness } from "./charts.ts";
import type { ArmSummary } from "./tables.ts";

/*
 * From an experiment's results to the rows that charts, tables and verdicts are made of.
 */

/**
 * The paired differences that a prediction names, with intervals by its own method: for each seed and prompt
 * the treatment's value less the control's. Throws where an arm is missing.
 */
export function contrasts(
  results: readonly SeedResult[],
  prediction: Prediction,
  measure: string = "greedy-win-rate",
): Contrast[] {
  const { main, robustness } = contrastIds(prediction);
  return [...main, ...robustness].map((id) => contrast(results, id, measure, prediction.interval));
}

/** One paired difference by its id, as `contrasts` computes them. */
export function contrast(
  results: readonly SeedResult[],
  id: string,
  measure: string,
  { draws, level }: { readonly draws: number; readonly level: number },
): Contrast {
  return estimated(results, differenceOf(id, measure), { draws, level });
}

/** The paired differences of `ids` seed by seed, for charts. */
export function contrastValues(results: readonly SeedResult[], ids: readonly string[], measure: string) {
  return ids.flatMap((id) =>
    seedValues(results, differenceOf(id, measure)).map((value) => ({ contrast: id, ...value })),
  );
}

/** Every arm averaged over seeds, its win rate with an interval over seeds and prompts. */
export function armSummaries(
  results: readonly SeedResult[],
  { draws, level }: { readonly draws: number; readonly level: number },
): ArmSummary[] {
  return armIds(results).map((id) => {
    const own = results.map((result) => armOf(result, id));
    const averaged = (value: (result: ArmResult) => number) => mean(own.map(value));
    return {
      arm: id,
      seeds: own.length,
      winRate: pairedHierarchicalBootstrap(
        own.map(({ outcomes }) => outcomes),
        { seed: BOOTSTRAP_SEED, draws, confidence: level },
      ),
      goldGreedy: averaged(({ greedyRewards }) => mean(greedyRewards)),
      goldSampled: averaged(({ sampledRewards }) => mean(sampledRewards)),
      entropy: averaged(({ entropy }) => entropy),
      errors: averaged(({ malformed }) => malformed),
    };
  });
}

/** Each arm's win rate on each seed. */
export function winRateValues(
  results: readonly SeedResult[],
): { arm: string; seed: number; value: number }[] {
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

/** The logged values of `metrics`, of every arm whose training logs them. */
export function curveValues(results: readonly SeedResult[], metrics: readonly string[]): MetricValue[] {
  return results.flatMap(({ seed, curves }) =>
    curves.flatMap(({ arm, rows }) =>
      rows.flatMap((row) =>
        metrics
          .filter((metric) => row[metric] !== undefined)
          .map((metric) => ({ arm, seed, step: row.step!, metric, value: row[metric]! })),
      ),
    ),
  );
}

/** Best-of-N by each verifier and by gold on each seed, in gold reward. */
export function bestOfNValues(results: readonly SeedResult[], gold = "gold"): BestOfN[] {
  const rows = (scorer: string, seed: number, points: readonly BestOf[]) =>
    points.map(({ n, values }) => ({ scorer, seed, n, value: mean([...values]) }));
  return results.flatMap(({ seed, scorers }) => [
    ...rows(gold, seed, scorers[0]?.oracle ?? []),
    ...scorers.flatMap(({ scorer, bestOf }) => rows(scorer, seed, bestOf)),
  ]);
}

/**
 * On how many seeds the longest registered offline run was the best on validation prompts, in a sentence: where it
 * was, still more epochs may do better, and the best number is not known.
 */
export function epochsSentence(results: readonly SeedResult[]): string {
  const longest = Math.max(...Object.values(offlineEpochs));
  const atEdge = offlineChoices(results).filter(({ epochs }) => epochs === longest).length;
  const chosen = `The longest registered offline run, ${longest} epochs, was chosen on ${atEdge} of ${results.length} seeds`;
  return atEdge === 0
    ? `${chosen}: the best number of epochs lies within those tried.`
    : `${chosen}: there, the best number of epochs may lie beyond those tried.`;
}

/** Win rates of the registered offline runs on validation prompts by epochs, and the epochs chosen, on each seed. */
export function offlineChoices(
  results: readonly SeedResult[],
): { seed: number; epochs: number; validation: { epochs: number; winRate: number }[] }[] {
  const epochsOf = (id: string) => offlineEpochs[id as keyof typeof offlineEpochs];
  return results.map(({ seed, choices }) => {
    const { chosen, from } = choices.find(({ id }) => id === "dpo-best")!;
    const validation = from.map(({ id, value }) => ({ epochs: epochsOf(id), winRate: value }));
    return { seed, epochs: epochsOf(chosen), validation };
  });
}

/** The place of the first prompt for which arms write the most different greedy completions. */
export function mostDisputed(arms: readonly ArmResult[]): number {
  const different = arms[0]!.completions.map(
    (_, prompt) => new Set(arms.map(({ completions }) => completions[prompt]!.join(" "))).size,
  );
  return different.indexOf(Math.max(...different));
}

function differenceOf(id: string, metric: string): Estimate {
  const { treatment, control = "" } = contrastArms(id);
  return { metric, treatment, control };
}

function armIds(results: readonly SeedResult[]): string[] {
  return sortByLabel(results.flatMap(({ arms }) => arms.map(({ arm }) => arm)));
}

function armOf(result: SeedResult, id: string): ArmResult {
  return result.arms.find(({ arm }) => arm === id)!;
}
