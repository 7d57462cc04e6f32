import type { Model } from "../models/gpt-neox.ts";
import { changeBits, quantisedChange } from "../models/quantised.ts";
import { dpoScorer, globalScorer, localScorer, policyLogps } from "../models/scorers.ts";
import { goldScorer } from "../tasks/scorers.ts";
import type { Scorer, Task } from "../tasks/task.ts";
import type { Verifier } from "./stage.ts";
import { readModel } from "./stage-inputs.ts";

/**
 * What `verifier` ranks completions by; `sampler` is the policy whose samples they are. With `bits`, what training
 * changed in the verifier is rounded to so many bits per number.
 */
export function verifierScorer(
  store: string,
  task: Task,
  verifier: Verifier,
  sampler: Model,
  bits?: number,
): Scorer {
  if (verifier === "gold") return goldScorer(task);
  if (verifier === "likelihood") return (samples) => policyLogps(task, sampler, samples);
  const start = readModel(store, verifier.policy);
  const trained = readModel(store, verifier);
  const model = bits === undefined ? trained : quantisedChange(trained, start, bits);
  if (verifier.kind === "reward") return globalScorer(task, model);
  const { beta, reference, credit } = verifier.options;
  return reference === "none" ? localScorer(task, model, beta, credit) : dpoScorer(task, model, start, beta);
}

/** The entropy of what training changed in a trained verifier when rounded to `bits` bits per number, in bits in all. */
export function verifierChangeBits(store: string, verifier: Verifier, bits: number): number | undefined {
  if (typeof verifier === "string") return undefined;
  return changeBits(readModel(store, verifier), readModel(store, verifier.policy), bits);
}
