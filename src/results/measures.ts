import { mean } from "../evaluation/statistics.ts";
import { winRate } from "../evaluation/win-rate.ts";
import type { FrontierPoint } from "../pipeline/evaluation.ts";
import type { ArmResult, ScorerResult, SeedResult } from "./collect.ts";
import { type Label, sameLabel } from "./labels.ts";

/** What is measured of an arm or a scorer on one seed. */
export interface Measure {
  readonly name: string;
  /** `share` runs from 0 to 1 and is written in percentage points; anything else is the unit's name. */
  readonly unit: string;
  readonly definition: string;
}

/** A measure of policies: values by prompt, or one for the seed. */
interface ArmMeasure extends Measure {
  readonly ofArm: (arm: ArmResult) => readonly number[];
}

/** A measure of scorers: values by prompt, or one for the seed. */
interface ScorerMeasure extends Measure {
  readonly ofScorer: (scorer: ScorerResult) => readonly number[];
}

const known = (value: number | undefined): number[] => (value === undefined ? [] : [value]);

/**
 * Nats per decided token, within what every policy of the main comparison passes through as it cools. It was 0.5 when
 * the hypothesis on sharpness was registered, which some offline policies do not cool down to at any temperature tried.
 */
const MATCHED_ENTROPY = 0.75;

/** The reward where a policy's frontier passes through an entropy, or at its end nearest to that; undefined without one. */
function rewardAtEntropy(frontier: readonly FrontierPoint[], entropy: number): number | undefined {
  const sorted = [...frontier].sort((a, b) => a.entropy - b.entropy);
  const above = sorted.findIndex((point) => point.entropy >= entropy);
  const [low, high] = [sorted[above - 1], sorted[above]];
  if (low === undefined || high === undefined) return (high ?? sorted.at(-1))?.reward;
  const share = (entropy - low.entropy) / (high.entropy - low.entropy);
  return low.reward + share * (high.reward - low.reward);
}

const armMeasures: Readonly<Record<string, ArmMeasure>> = {
  "greedy-win-rate": {
    name: "win rate, greedy decoding",
    unit: "share",
    definition:
      "Share of evaluation prompts on which the greedy completion has a higher gold reward than the reference, ties counted one half.",
    ofArm: ({ outcomes }) => outcomes,
  },
  "greedy-reward": {
    name: "gold reward, greedy decoding",
    unit: "reward",
    definition: "Mean gold reward of the greedy completions of the evaluation prompts.",
    ofArm: ({ greedyRewards }) => greedyRewards,
  },
  "sampled-reward": {
    name: "gold reward, sampling at T = 1",
    unit: "reward",
    definition: "Mean gold reward of one completion per evaluation prompt, sampled at T = 1.",
    ofArm: ({ sampledRewards }) => sampledRewards,
  },
  "share-of-optimum": {
    name: "share of the optimum",
    unit: "share",
    definition:
      "Mean gold reward of the greedy completions over the mean of the best that any completion reaches.",
    ofArm: ({ greedyRewards, optimum }) => known(optimum && mean(greedyRewards) / optimum),
  },
  "matched-reward": {
    name: `gold reward at an entropy of ${MATCHED_ENTROPY} nats`,
    unit: "reward",
    definition: `Mean gold reward when sampling at the temperature at which the policy's entropy is ${MATCHED_ENTROPY} nats per decided token, linear between the temperatures that were tried, or else at the nearest of them: how sharp a policy is makes no difference to it.`,
    ofArm: ({ frontier = [] }) => known(rewardAtEntropy(frontier, MATCHED_ENTROPY)),
  },
  entropy: {
    name: "entropy at T = 1",
    unit: "nats",
    definition: "Entropy of the policy, in nats per decided token, averaged over decisions at T = 1.",
    ofArm: ({ entropy }) => [entropy],
  },
  kl: {
    name: "KL from the reference",
    unit: "nats",
    definition: "KL(π ‖ π_SFT) in nats per completion, on the policy's own samples at T = 1.",
    ofArm: ({ kl }) => known(kl),
  },
  malformed: {
    name: "malformed completions",
    unit: "share",
    definition: "Share of greedy completions that break the task's form.",
    ofArm: ({ malformed }) => [malformed],
  },
  "malformed-sampled": {
    name: "malformed samples at T = 1",
    unit: "share",
    definition:
      "Share of completions sampled at T = 1, one per evaluation prompt, that break the task's form.",
    ofArm: ({ malformedSampled }) => known(malformedSampled),
  },
  "forward-passes": {
    name: "computing",
    unit: "forward passes",
    definition:
      "Forward passes of the policy's model over one completion with its prompt, for all that the arm needed beyond SFT and the shared offline pairs: one for sampling or scoring a completion, three for a training step on it. Of an arm that is the best of several, those of the chosen one.",
    ofArm: ({ forwardPasses }) => known(forwardPasses),
  },
  length: {
    name: "length",
    unit: "tokens",
    definition: "Mean length of the greedy completions.",
    ofArm: ({ length }) => [length],
  },
};

/** How many samples per prompt the win rate of the best is taken over. */
const WIN_RATE_SAMPLES = 25;

/** 1, ½ or 0 per prompt: the best of n samples against the reference; none if either was not recorded. */
function bestOfOutcomes({ bestOf, referenceRewards }: ScorerResult, n: number): readonly number[] {
  const best = bestOf.find((one) => one.n === n);
  return best === undefined || referenceRewards === undefined
    ? []
    : winRate(best.values, referenceRewards).outcomes;
}

const scorerMeasures: Readonly<Record<string, ScorerMeasure>> = {
  accuracy: {
    name: "accuracy",
    unit: "share",
    definition:
      "How often the scorer orders two samples of the SFT policy as gold does; gold's ties left out.",
    ofScorer: ({ accuracy }) => accuracy,
  },
  "well-formed-accuracy": {
    name: "accuracy among well-formed samples",
    unit: "share",
    definition:
      "The same over pairs of samples that are both well-formed: telling malformed ones apart gains nothing.",
    ofScorer: ({ wellFormedAccuracy }) => known(wellFormedAccuracy),
  },
  probability: {
    name: "mean probability",
    unit: "share",
    definition:
      "Mean of σ(r(chosen) − r(rejected)) over the annotator's labels of fresh pairs: what the paper calls validation likelihood.",
    ofScorer: ({ probability = [] }) => probability,
  },
  "label-accuracy": {
    name: "accuracy on the annotator's labels",
    unit: "share",
    definition:
      "How often the scorer orders two fresh samples as the annotator does, who is not always right.",
    ofScorer: ({ labelAccuracy = [] }) => labelAccuracy,
  },
  [`best-of-${WIN_RATE_SAMPLES}-win-rate`]: {
    name: `win rate, best of ${WIN_RATE_SAMPLES}`,
    unit: "share",
    definition: `Share of prompts on which the best of ${WIN_RATE_SAMPLES} samples of the SFT policy by the scorer's scores has a higher gold reward than the reference, ties counted one half.`,
    ofScorer: (scorer) => bestOfOutcomes(scorer, WIN_RATE_SAMPLES),
  },
  ...Object.fromEntries(
    [1, 2, 5, 10, 25].map((n): [string, ScorerMeasure] => [
      `best-of-${n}`,
      {
        name: `best of ${n}`,
        unit: "reward",
        definition: `Mean gold reward of the best of ${n} samples of the SFT policy by the scorer's scores.`,
        ofScorer: ({ bestOf }) => bestOf.find((one) => one.n === n)?.values ?? [],
      },
    ]),
  ),
};

/** What a measure is taken of. */
export function measuredSubject(measure: string): "arm" | "scorer" {
  measureNamed(measure);
  return Object.hasOwn(scorerMeasures, measure) ? "scorer" : "arm";
}

/** Whether there is a measure with this id. */
export function isMeasure(id: string): boolean {
  return Object.hasOwn(armMeasures, id) || Object.hasOwn(scorerMeasures, id);
}

/** The measure with this id. Throws if there is none. */
export function measureNamed(id: string): Measure {
  const all: Readonly<Record<string, Measure>> = { ...armMeasures, ...scorerMeasures };
  const found = isMeasure(id) ? all[id] : undefined;
  if (found !== undefined) return found;
  throw new Error(`There is no measure "${id}"; there are ${Object.keys(all).join(", ")}.`);
}

/**
 * The values of a measure of one arm or scorer on one seed: by prompt, or a single one. Throws if the seed has no such
 * arm or scorer, or it was not measured.
 */
export function valuesOf(result: SeedResult, measure: string, label: Label): readonly number[] {
  const values =
    measuredSubject(measure) === "arm"
      ? armMeasures[measure]?.ofArm(armOf(result, label))
      : scorerMeasures[measure]?.ofScorer(scorerOf(result, label));
  if (values === undefined || values.length === 0)
    throw new Error(`Seed ${result.seed} did not measure ${measure} of "${label.name}".`);
  return values;
}

/**
 * Those of `labels` that the plan has but some seed has no results of; see `SeedResult.missing`. Names are compared too, as
 * an arm and the scorer of the same policy share an id; not those of labels that a registration knows by their id only.
 */
export function missingLabels(results: readonly SeedResult[], labels: readonly Label[]): Label[] {
  const missing = results.flatMap((result) => result.missing);
  return labels.filter(({ id, name, rank }) =>
    missing.some((one) => one.id === id && (one.name === name || rank === undefined)),
  );
}

/** `labels` without those that the plan has but some seed has no results of. */
export function presentLabels(results: readonly SeedResult[], labels: readonly Label[]): Label[] {
  const missing = missingLabels(results, labels);
  return labels.filter((label) => !missing.includes(label));
}

/** A measure of an arm or scorer, averaged over each seed's values and then over seeds. Throws if one was not measured. */
export function averageOf(results: readonly SeedResult[], measure: string, label: Label): number {
  return mean(results.map((result) => mean(valuesOf(result, measure, label))));
}

/** The result of an arm on one seed. Throws if the seed has no such arm. */
export function armOf({ seed, arms }: SeedResult, label: Label): ArmResult {
  const found = arms.find(({ arm }) => sameLabel(arm, label));
  if (found !== undefined) return found;
  throw new Error(`Seed ${seed} has no arm "${label.name}"; it has ${names(arms.map(({ arm }) => arm))}.`);
}

/** The result of a scorer on one seed. Throws if the seed has no such scorer. */
export function scorerOf({ seed, scorers }: SeedResult, label: Label): ScorerResult {
  const found = scorers.find(({ scorer }) => sameLabel(scorer, label));
  if (found !== undefined) return found;
  throw new Error(
    `Seed ${seed} has no scorer "${label.name}"; it has ${names(scorers.map(({ scorer }) => scorer))}.`,
  );
}

const names = (labels: readonly Label[]) => labels.map(({ name }) => name).join(", ") || "none";
