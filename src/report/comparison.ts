import { type BootstrapOptions, pairedHierarchicalBootstrap } from "../evaluation/bootstrap.ts";
import { mean } from "../evaluation/statistics.ts";
import { type Arm, type ArmResult, offlineEpochs, type SeedResult } from "../experiments/comparison.ts";
import { contrastArms, inOrder } from "./arms.ts";
import type { BestOfN, MetricValue, Sharpness } from "./charts.ts";
import type { Contrast } from "./contrasts.ts";
import { contrastIds, type Prediction } from "./predictions.ts";
import type { ArmSummary } from "./tables.ts";

/*
 * From the results of the main comparison to the rows that charts, tables and verdicts are made of.
 */

/** What is compared between arms, per prompt: the greedy win rate's outcomes, or the reward at T = 1. */
export type Measure = "greedy-win-rate" | "sampled-reward";

const perPrompt: Record<Measure, (result: ArmResult) => readonly number[]> = {
  "greedy-win-rate": ({ outcomes }) => outcomes,
  "sampled-reward": ({ sampled }) => sampled,
};

/** Decides the bootstrap's draws; any number would do. */
const BOOTSTRAP_SEED = 20_250_301;

/**
 * The paired differences that a prediction names, with intervals by its own method: for each seed and prompt
 * the treatment's value less the control's. Throws where an arm is missing.
 */
export function contrasts(
  results: readonly SeedResult[],
  prediction: Prediction,
  measure: Measure = "greedy-win-rate",
): Contrast[] {
  const { main, robustness } = contrastIds(prediction);
  return [...main, ...robustness].map((id) => contrast(results, id, measure, prediction.interval));
}

/** One paired difference by its id, as `contrasts` computes them. */
export function contrast(
  results: readonly SeedResult[],
  id: string,
  measure: Measure,
  { draws, level }: { readonly draws: number; readonly level: number },
): Contrast {
  const differences = promptDifferences(results, id, measure);
  const options: BootstrapOptions = { seed: BOOTSTRAP_SEED, draws, confidence: level };
  const { mean: difference, low, high } = pairedHierarchicalBootstrap(differences, options);
  return { id, mean: difference, low, high, seeds: results.map(({ seed }) => seed) };
}

/** The paired differences of `ids` seed by seed, for charts. */
export function contrastValues(results: readonly SeedResult[], ids: readonly string[], measure: Measure) {
  return ids.flatMap((id) =>
    promptDifferences(results, id, measure).map((differences, index) => ({
      contrast: id,
      seed: results[index]!.seed,
      value: mean(differences),
    })),
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
      goldGreedy: averaged(({ greedy }) => mean(greedy)),
      goldSampled: averaged(({ sampled }) => mean(sampled)),
      entropy: averaged(({ entropy }) => entropy),
      errors: averaged(({ flawed }) => flawed),
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
    arms.map(({ arm, winRate, sampled, entropy }) => ({
      arm,
      seed,
      greedyWinRate: winRate,
      sampledReward: mean(sampled),
      entropy,
    })),
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

/** Best-of-N by each verifier on each seed. */
export function bestOfNValues(results: readonly SeedResult[]): BestOfN[] {
  return results.flatMap(({ seed, verifiers }) =>
    verifiers.flatMap(({ verifier, bestOfN }) =>
      bestOfN.map(({ n, value }) => ({ scorer: verifier, seed, n, value })),
    ),
  );
}

/**
 * On how many seeds the longest registered offline run was the best on validation prompts, in a sentence: where it
 * was, still more epochs may do better, and the best number is not known.
 */
export function epochsSentence(results: readonly SeedResult[]): string {
  const longest = Math.max(...Object.values(offlineEpochs));
  const atEdge = results.filter(({ bestEpochs }) => bestEpochs === longest).length;
  const chosen = `The longest registered offline run, ${longest} epochs, was chosen on ${atEdge} of ${results.length} seeds`;
  return atEdge === 0
    ? `${chosen}: the best number of epochs lies within those tried.`
    : `${chosen}: there, the best number of epochs may lie beyond those tried.`;
}

/** The place of the first prompt for which arms write the most different greedy completions. */
export function mostDisputed(arms: readonly ArmResult[]): number {
  const different = arms[0]!.completions.map(
    (_, prompt) => new Set(arms.map(({ completions }) => completions[prompt]!.join(" "))).size,
  );
  return different.indexOf(Math.max(...different));
}

function promptDifferences(results: readonly SeedResult[], id: string, measure: Measure): number[][] {
  const { treatment, control } = contrastArms(id);
  return results.map((result) => {
    const [above, below] = [treatment, control ?? ""].map((arm) => perPrompt[measure](armOf(result, arm)));
    return above!.map((value, prompt) => value - below![prompt]!);
  });
}

function armOf(result: SeedResult, id: string): ArmResult {
  const found = result.arms.find(({ arm }) => arm === id);
  if (found === undefined) {
    throw new Error(
      `Seed ${result.seed} has no arm "${id}"; it has ${result.arms.map(({ arm }) => arm).join(", ")}.`,
    );
  }
  return found;
}

function armIds(results: readonly SeedResult[]): string[] {
  return inOrder(results.flatMap(({ arms }) => arms.map(({ arm }): Arm => arm)));
}
