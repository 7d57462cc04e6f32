import type { Model } from "../models/gpt-neox.ts";
import { deltaBits, quantisedDelta } from "../models/quantised-delta.ts";
import { dpoScorer, globalScorer, localScorer, policyLogps } from "../models/scorers.ts";
import { goldScorer } from "../tasks/scorers.ts";
import type { Scorer, Task } from "../tasks/task.ts";
import type { ScorerSpec } from "./stage.ts";
import { readModel } from "./stage-inputs.ts";

/**
 * What `verifier` ranks completions by; `sampler` is the policy whose samples they are. With `bits`, what training
 * changed in the verifier is rounded to so many bits per number.
 */
export function openScorer(
  store: string,
  task: Task,
  scorer: ScorerSpec,
  sampler: Model,
  bits?: number,
): Scorer {
  if (scorer === "gold") return goldScorer(task);
  if (scorer === "likelihood") return (samples) => policyLogps(task, sampler, samples);
  const start = readModel(store, scorer.policy);
  const trained = readModel(store, scorer);
  const model = bits === undefined ? trained : quantisedDelta(trained, start, bits);
  if (scorer.kind === "reward") return globalScorer(task, model);
  const { beta, reference, credit } = scorer.options;
  return reference === "none" ? localScorer(task, model, beta, credit) : dpoScorer(task, model, start, beta);
}

/** The entropy of what training changed in a trained verifier when rounded to `bits` bits per number, in bits in all. */
export function scorerDeltaBits(store: string, scorer: ScorerSpec, bits: number): number | undefined {
  if (typeof scorer === "string") return undefined;
  return deltaBits(readModel(store, scorer), readModel(store, scorer.policy), bits);
}
