import { anyNumber, checkOptions, integerBetween, oneOf, positive, probability } from "../options.ts";
import { rougeTau } from "../simulated-humans.ts";
import { SLOTS } from "./vocabulary.ts";

/** KeyEnv's options. */
export interface KeyEnvOptions {
  /** F, the maximum number of clauses of a summary: 5, or 1 for the two-word variant. */
  readonly clauses: number;
  /** How strongly the human summariser prefers important facts: 0 is indifference. */
  readonly gamma: number;
  /** Probability that the human summariser stops after each clause from the second on. */
  readonly stop: number;
  /** Probability that a fact is important. */
  readonly importance: number;
  /** Temperature of the annotators' Bradley-Terry choices, in units of the gold reward. */
  readonly tau: number;
  /** Number of human summaries of which the best becomes the reference of a held-out prompt. */
  readonly referenceSamples: number;
  /** The order in which a post states its facts. It changes neither the facts nor the summaries. */
  readonly order: "random" | "canonical" | "reversed";
  /** The gold reward: by facts and mistakes, or ROUGE-L against a hidden reference. */
  readonly reward: "facts" | "rouge-l";
  /** How strongly the writer of the hidden references prefers important facts. */
  readonly referenceGamma: number;
}

/** With `reward: "rouge-l"` the default of `tau` is 0.12. */
export const keyEnvDefaults: KeyEnvOptions = {
  clauses: 5,
  gamma: 0.7,
  stop: 0.12,
  importance: 0.4,
  tau: 0.6,
  referenceSamples: 3,
  order: "random",
  reward: "facts",
  referenceGamma: 3,
};

/**
 * `options` with the defaults of the others.
 *
 * @throws if an option is unknown or invalid
 */
export function keyEnvSettings(options: Partial<KeyEnvOptions>): KeyEnvOptions {
  const settings: KeyEnvOptions = {
    ...keyEnvDefaults,
    ...(options.reward === "rouge-l" && { tau: rougeTau }),
    ...options,
  };
  checkOptions("KeyEnv", settings, {
    clauses: integerBetween(1, SLOTS),
    gamma: anyNumber,
    stop: probability,
    importance: probability,
    tau: positive,
    referenceSamples: integerBetween(1, 1000),
    order: oneOf("random", "canonical", "reversed"),
    reward: oneOf("facts", "rouge-l"),
    referenceGamma: anyNumber,
  });
  return settings;
}
